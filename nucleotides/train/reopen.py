"""A trained run, opened again with its data."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nucleotides.data.datamodule import DataModule
from nucleotides.errors import InputError
from nucleotides.model.checkpoint import Checkpoint, load_checkpoint


@dataclass(frozen=True)
class Reopened:
    """A checkpoint, and the data that it is to be judged on.

    Attributes:
        path: the checkpoint's file.
        folder: that of its run, with metrics.csv and the like.
        checkpoint: weights and tasks.
        config: the run's configuration, with what was changed.
        data: opened by it.
    """

    path: Path
    folder: Path
    checkpoint: Checkpoint
    config: dict[str, Any]
    data: DataModule


def newest_best(logs: Path) -> Path:
    """The best checkpoint of the newest run.

    Raises:
        InputError: there is none yet.
    """
    found = list(Path(logs).rglob("checkpoints/best.ckpt"))
    if not found:
        raise InputError(f"no run in {logs} has a best checkpoint: run `nucleotides train` first")
    return max(found, key=lambda path: path.stat().st_mtime)


def reopen(
    path: Path,
    changed: Mapping[str, Any] | None = None,
    fallback: Mapping[str, str] | None = None,
) -> Reopened:
    """Open a checkpoint of a run and its data.

    Args:
        path: the checkpoint, or the folder of the run, which stands for its best one.
        changed: data arguments that differ from those of the training.
        fallback: stores to use where those of the training are no longer where they were.

    Raises:
        InputError, MismatchError, StoreError: checkpoint or data that cannot be used.
    """
    if path.is_dir():
        best = path / "checkpoints" / "best.ckpt"
        if not best.is_file():
            raise InputError(
                f"{path} is no run with a best checkpoint: there is no {best}. Give the folder "
                "of a run that `nucleotides train` finished an epoch of, or a checkpoint"
            )
        path = best
    checkpoint = load_checkpoint(path, trust_code=True)  # a run of one's own
    changed = changed or {}
    config = {**checkpoint.hyperparameters["config"], "intervals": None, **changed}
    for name, elsewhere in (fallback or {}).items():
        if name not in changed and not Path(config[name]).exists():
            config[name] = elsewhere
    data = DataModule(**data_arguments(config))
    return Reopened(path, run_folder(path), checkpoint, config, data)


def run_folder(path: Path) -> Path:
    """The folder of the run that a checkpoint is of; a folder is one already."""
    return path.absolute() if path.is_dir() else path.absolute().parent.parent


def data_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a run's configuration that the DataModule takes."""
    names = inspect.signature(DataModule).parameters
    return {name: config[name] for name in names if name in config}
