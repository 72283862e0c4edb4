"""Exact evaluation of local changes: what a network makes of windows that differ in few bases."""

from nucleotides.model.local.evaluate import LocalEvaluator, Reading
from nucleotides.model.local.open_evaluator import open_evaluator, open_reader, trust_changes
from nucleotides.model.local.windows import follow_windows

__all__ = [
    "LocalEvaluator",
    "Reading",
    "follow_windows",
    "open_evaluator",
    "open_reader",
    "trust_changes",
]
