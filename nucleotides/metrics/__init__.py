"""How good predictions are, by task and in summary."""

from nucleotides.metrics.score_ranks import ScoreRanks
from nucleotides.metrics.summary import summarise

__all__ = ["ScoreRanks", "summarise"]
