"""Evaluate the checkpoint of an earlier run on the data that it was trained on, or on others."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from nucleotides.data.datamodule import DataModule
from nucleotides.errors import InputError
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.train.evaluate import Scored, evaluate, write_scores
from nucleotides.train.recalibrate import read_recalibration


def newest_best(logs: Path) -> Path:
    """The best checkpoint of the newest run.

    Raises:
        InputError: there is none yet.
    """
    found = list(Path(logs).glob("*/checkpoints/best.ckpt"))
    if not found:
        raise InputError(f"no run in {logs} has a best checkpoint: run `nucleotides train` first")
    return max(found, key=lambda path: path.stat().st_mtime)


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
    checkpoint = load_checkpoint(path)
    config = {**checkpoint.hyperparameters["config"], "intervals": None, **changed}
    for name, elsewhere in (fallback or {}).items():
        if name not in changed and not Path(config[name]).exists():
            config[name] = elsewhere
    data = DataModule(**data_arguments(config))
    line = read_recalibration(path.parent.parent, checkpoint.tasks) if part == "test" else None
    scored = evaluate(checkpoint.model, checkpoint.tasks, data, part, device=device, line=line)
    facts = {**config, "checkpoint": str(path)}
    return scored, facts, write_scores(scored, out or path.parent.parent, facts)


def data_arguments(config: dict[str, Any]) -> dict[str, Any]:
    """The part of a run's configuration that the DataModule takes."""
    names = inspect.signature(DataModule).parameters
    return {name: config[name] for name in names if name in config}
