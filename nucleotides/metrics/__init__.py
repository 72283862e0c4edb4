"""How good predictions are, by task and in summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nucleotides.metrics.score_ranks import ScoreRanks
    from nucleotides.metrics.summary import summarise

__all__ = ["ScoreRanks", "summarise"]


def __getattr__(name: str) -> Any:
    """Imported on first use: `ScoreRanks` brings torchmetrics, and with it much more."""
    import importlib

    modules = {"ScoreRanks": "score_ranks", "summarise": "summary"}
    if name in modules:
        return getattr(importlib.import_module(f"{__name__}.{modules[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
