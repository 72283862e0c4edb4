"""How good predictions are, by task and in summary."""

from nucleotides.metrics.histogram import ScoreHistogram
from nucleotides.metrics.summary import summarise

__all__ = ["ScoreHistogram", "summarise"]
