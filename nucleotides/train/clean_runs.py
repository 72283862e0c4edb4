"""Remove runs that left no checkpoint."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nucleotides.errors import BusyError
from nucleotides.hold import alone_in
from nucleotides.train.list_runs import CONFIG, find_runs, has_weights, natural_order, read_config


class Fate(StrEnum):
    """What becomes of a run."""

    REMOVED = "removed"
    HAS_CHECKPOINT = "has a checkpoint"
    IN_PROGRESS = "is being written"
    HOLDS_RUNS = "holds other runs"


@dataclass(frozen=True)
class Cleaned:
    """A run, what became of it, and the bytes that it takes or took."""

    run: Path
    fate: Fate
    size: int


def clean_runs(logs: Path, *, dry_run: bool = False) -> Iterator[Cleaned]:
    """Remove runs below `logs` that have no checkpoint, each as it is yielded.

    Only what `nucleotides train` made is looked at: folders with its config.yaml, and empty ones
    called version_N, as a run leaves that is killed before it writes. A run in progress holds its
    folder, and so does this one while it removes one: neither touches what the other has. The
    config.yaml goes last, so that what a killed process leaves is found by the next.

    Args:
        logs: folder of the runs.
        dry_run: remove nothing.
    """
    gone: set[Path] = set()
    inner_first = sorted(find_runs(logs), key=lambda run: -len(run.parts))
    for run in [*inner_first, *_empty(logs)]:
        if not run.is_dir():  # another process was faster
            continue
        size = sum(path.lstat().st_size for path in run.rglob("*") if not path.is_dir())
        fate = _judge(run, gone, dry_run)
        if fate is Fate.REMOVED:
            gone.add(run)
        yield Cleaned(run, fate, size)


def _empty(logs: Path) -> list[Path]:
    folders = [path for path in logs.glob("version_*") if re.fullmatch(r"version_\d+", path.name)]
    real = [path for path in folders if path.is_dir() and not path.is_symlink()]
    return sorted((path for path in real if not any(path.iterdir())), key=natural_order)


def _judge(run: Path, gone: set[Path], dry_run: bool) -> Fate:
    """Find out what is to become of a run, and let it."""
    try:
        with alone_in(run):
            if has_weights(run):
                return Fate.HAS_CHECKPOINT
            inner = {path.parent for path in run.rglob(CONFIG)} - {run} - gone
            if any(read_config(folder) for folder in inner):
                return Fate.HOLDS_RUNS
            if not dry_run:
                _remove(run)
    except BusyError:
        return Fate.IN_PROGRESS
    return Fate.REMOVED


def _remove(run: Path) -> None:
    for path in run.iterdir():
        if path.name == CONFIG:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    (run / CONFIG).unlink(missing_ok=True)
    run.rmdir()
