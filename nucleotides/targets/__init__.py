"""Peaks to labels: read peak files, merge them by task, answer what is positive where."""

from nucleotides.targets.store import TargetStore

__all__ = ["TargetStore"]
