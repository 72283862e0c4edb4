"""The calibration of a run: chosen on its validation part, kept beside its checkpoints."""

from __future__ import annotations

from pathlib import Path

from nucleotides.metrics.monotone import Calibration

CALIBRATION = "calibration.safetensors"
N_FOLDS = 4  # contiguous parts of the validation bins, by which isotonic or Platt is chosen


def read_calibration(folder: Path, tasks: list[str]) -> Calibration | None:
    """That of a run, or None where it has none.

    Raises:
        MismatchError: it is of other tasks.
    """
    path = folder / CALIBRATION
    return Calibration.load(path, tasks) if path.is_file() else None
