"""Write a bundle: weights, tasks, metrics, what else is known of a model, and a manifest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from safetensors.torch import save

from nucleotides import __version__
from nucleotides.bundle import layout
from nucleotides.bundle.bundle import NOTHING, Knowledge
from nucleotides.bundle.manifest import check_replaceable
from nucleotides.bundle.open_weights import all_numbers
from nucleotides.errors import InputError, MismatchError
from nucleotides.files import replacing, sha256, write_json
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.network import Network

_CHOSEN = ("model_class", "model", "sequence_length", "bin", "threshold", "average_strands")


def write_bundle(
    checkpoint: Checkpoint,
    tasks: pd.DataFrame,
    metrics: dict[str, Any],
    out: Path,
    known: Knowledge = NOTHING,
    *,
    more: Callable[[Network, Path], None] | None = None,
) -> Path:
    """Write a bundle to the folder `out`, replacing one that is there.

    Args:
        checkpoint: the trained model.
        tasks: a row an output of the model, in order, with a column `task`.
        metrics: the content of metrics.json.
        out: the folder.
        known: calibration, background, card, lock, licence.
        more: adds to the folder what `layout` knows, before checksums are taken.

    Raises:
        InputError: the table's tasks are not the model's, a weight is no number, or there is
            something else at `out`, or beside the files of an older bundle in it.
        MismatchError: the calibration's or the background's tasks are not the model's.
    """
    _check(checkpoint, tasks, known)
    check_replaceable(out)
    with replacing(out) as folder:
        folder.mkdir()
        weights = {k: v.contiguous() for k, v in checkpoint.model.cpu().state_dict().items()}
        (folder / layout.WEIGHTS).write_bytes(save(weights))
        tasks.to_csv(folder / layout.TASKS, sep="\t", index=False, float_format="%.6g")
        write_json(folder / layout.METRICS, metrics)
        _write_known(known, folder)
        if more is not None:
            more(checkpoint.model, folder)
        write_json(folder / layout.MANIFEST, _manifest(checkpoint, known, folder))
    return out


def _check(checkpoint: Checkpoint, tasks: pd.DataFrame, known: Knowledge) -> None:
    if list(tasks["task"]) != checkpoint.tasks:
        raise InputError("the task table does not list the model's outputs in their order")
    parts = {
        "calibration": known.calibration,
        "background": known.background,
        "GC-matched background": known.gc_matched,
    }
    for name, part in parts.items():
        if part is not None and list(part.tasks) != checkpoint.tasks:
            raise MismatchError(f"the {name} is of other tasks than the model: make it again")
    for name, values in checkpoint.model.state_dict().items():
        if not all_numbers(values):
            raise InputError(
                f"the model's {name} holds values that are no numbers: its training failed"
            )


def _write_known(known: Knowledge, folder: Path) -> None:
    parts = {
        layout.CALIBRATION: known.calibration,
        layout.GENOME: known.background,
        layout.GC_MATCHED: known.gc_matched,
    }
    for name, part in parts.items():
        if part is not None:
            part.save(folder / name)
    if known.card is not None:
        (folder / layout.CARD).write_text(known.card, encoding="utf-8")
    if known.licence is not None:
        (folder / layout.LICENCE).write_text(known.licence.rstrip() + "\n", encoding="utf-8")
    if known.lock is not None:
        write_json(folder / layout.LOCK, known.lock)


def _manifest(checkpoint: Checkpoint, known: Knowledge, folder: Path) -> dict[str, Any]:
    files = sorted(folder.iterdir())
    return {
        "format": layout.FORMAT,
        "version": layout.VERSION,
        "minor": layout.MINOR,
        "package": __version__,
        **{name: checkpoint.hyperparameters[name] for name in _CHOSEN},
        "licence": known.licence.strip().split("\n")[0][:200] if known.licence else None,
        "bytes": {path.name: path.stat().st_size for path in files},
        "sha256": {path.name: sha256(path) for path in files},
    }
