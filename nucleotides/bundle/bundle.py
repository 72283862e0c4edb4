"""Write and read a bundle: manifest, weights, tasks.tsv, metrics.json, calibration if any."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from nucleotides import __version__
from nucleotides.errors import CorruptStoreError, InputError, MismatchError
from nucleotides.files import read_manifest, replacing, sha256, write_json
from nucleotides.metrics.calibration import Recalibration
from nucleotides.metrics.monotone import Calibration
from nucleotides.metrics.summary import NUMBERS
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.registry import create_model

FORMAT, VERSION = "nucleotides model bundle", 1
_CALIBRATION = "calibration.safetensors"
_CHECKED = ("weights.safetensors", "tasks.tsv", "metrics.json", _CALIBRATION)


@dataclass(frozen=True)
class Bundle:
    """A model with what is known of it.

    Attributes:
        model: in evaluation mode, on the CPU.
        tasks: a row an output, in order; column `task`, facts, held-out metrics, and the
            recalibration of its logits (`slope`, `offset`).
        facts: model.json: architecture, window, label rule.
        metrics: metrics.json, or an empty dictionary.
        calibration: what goes before slope and offset, or None where it was not made.
    """

    model: FunctionalModel
    tasks: pd.DataFrame
    facts: dict[str, Any]
    metrics: dict[str, Any]
    calibration: Calibration | None = None


def write_bundle(
    checkpoint: Checkpoint,
    tasks: pd.DataFrame,
    metrics: dict[str, Any],
    out: Path,
    line: Recalibration | None = None,
    calibration: Calibration | None = None,
) -> Path:
    """Write a bundle to the folder `out`, replacing what is there.

    Args:
        checkpoint: the trained model.
        tasks: a row an output of the model, in order, with a column `task`.
        metrics: the content of metrics.json.
        out: the folder.
        line: the model's recalibration; columns `slope` and `offset` of the task table.
        calibration: curves that take the place of these lines, if any.

    Raises:
        InputError: the table's tasks are not the model's.
        MismatchError: the calibration's tasks are not the model's.
    """
    if list(tasks["task"]) != checkpoint.tasks:
        raise InputError("the task table does not list the model's outputs in their order")
    if calibration is not None and calibration.tasks != checkpoint.tasks:
        raise MismatchError("the calibration is of other tasks than the model: calibrate it again")
    if line is not None:
        tasks = tasks.assign(slope=line.slope.cpu().numpy(), offset=line.offset.cpu().numpy())
    chosen = checkpoint.hyperparameters
    with replacing(out) as folder:
        folder.mkdir()
        weights = {k: v.contiguous() for k, v in checkpoint.model.cpu().state_dict().items()}
        (folder / "weights.safetensors").write_bytes(save(weights))
        tasks.to_csv(folder / "tasks.tsv", sep="\t", index=False, float_format="%.6g")
        write_json(folder / "metrics.json", metrics)
        if calibration is not None:
            calibration.save(folder / _CALIBRATION)
        names = ("model_class", "model", "sequence_length", "bin", "threshold", "average_strands")
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "package": __version__,
            **{name: chosen[name] for name in names},
            "sha256": {path.name: sha256(path) for path in sorted(folder.iterdir())},
        }
        write_json(folder / "manifest.json", manifest)
    return out


def read_bundle(path: Path) -> Bundle:
    """Open a bundle; every file is checked against its checksum first.

    Raises:
        StoreError: there is no bundle at `path`, or it is of another version.
        CorruptStoreError: a file is missing, or not what was written; the message names it.
    """
    facts = read_manifest(path, FORMAT, VERSION)
    for name, expected in facts["sha256"].items():
        if name not in _CHECKED or not (path / name).is_file():
            raise CorruptStoreError(f"{path}: {name} is missing")
        if sha256(path / name) != expected:
            raise CorruptStoreError(f"{path / name} is not what was written (checksum)")
    tasks = _read_tasks(path / "tasks.tsv")
    model = create_model(facts["model_class"], len(tasks), facts["sequence_length"], facts["model"])
    model.both_strands = facts["average_strands"]
    try:
        model.load_state_dict(load_file(path / "weights.safetensors"))
    except (SafetensorError, RuntimeError) as error:
        raise CorruptStoreError(f"{path}: the weights do not fit the model: {error}") from error
    metrics = json.loads((path / "metrics.json").read_text())
    calibration = None
    if _CALIBRATION in facts["sha256"]:
        calibration = Calibration.load(path / _CALIBRATION, list(tasks["task"]))
    return Bundle(model.eval(), tasks, facts, metrics, calibration)


def _read_tasks(path: Path) -> pd.DataFrame:
    """The table, words as they stand (a biosample may be called NA), metrics as numbers."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    for column in NUMBERS:
        if column in table:
            table[column] = pd.to_numeric(table[column], errors="coerce")
    return table
