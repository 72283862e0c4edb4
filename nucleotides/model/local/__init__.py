"""Exact evaluation of local changes: what a network makes of windows that differ in few bases."""

from nucleotides.model.local.evaluate import LocalEvaluator, Reading

__all__ = ["LocalEvaluator", "Reading"]
