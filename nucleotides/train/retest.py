"""Evaluate the checkpoint of an earlier run on the data that it was trained on, or on others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nucleotides.train.evaluate import Scored, evaluate, write_scores
from nucleotides.train.keep_calibration import read_calibration
from nucleotides.train.reopen import reopen


def retest(
    path: Path,
    part: str,
    *,
    changed: dict[str, Any],
    fallback: dict[str, str] | None = None,
    out: Path | None,
    device: str,
) -> tuple[Scored, dict[str, Any], Path]:
    """Score a checkpoint and write the tables.

    Args:
        path: the checkpoint.
        part: validation or test.
        changed: data arguments that differ from those of the training.
        fallback: stores to use where those of the training are no longer where they were.
        out: folder of the tables; by default that of the run.
        device: where to predict.

    Returns:
        The scores, the configuration they stand for, and the JSON file that was written.

    Raises:
        InputError, MismatchError, StoreError: checkpoint or data that cannot be used together.
    """
    run = reopen(path, changed, fallback)
    known = read_calibration(run.folder, run.checkpoint.tasks) if part == "test" else None
    model, tasks = run.checkpoint.model, run.checkpoint.tasks
    scored = evaluate(model, tasks, run.data, part, device=device, calibration=known)
    facts = {**run.config, "checkpoint": str(run.path)}
    return scored, facts, write_scores(scored, out or run.folder, facts)
