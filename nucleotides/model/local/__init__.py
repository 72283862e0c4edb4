"""Exact evaluation of local changes: what a network makes of windows that differ in few bases."""

from nucleotides.model.local.evaluate import LocalEvaluator, Reading
from nucleotides.model.local.open_evaluator import open_evaluator
from nucleotides.model.local.windows import follow_windows

__all__ = ["LocalEvaluator", "Reading", "follow_windows", "open_evaluator"]
