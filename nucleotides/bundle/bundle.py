"""Write and read a bundle: manifest, weights, tasks, metrics, and what else is known of a model."""

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
from nucleotides.metrics.background import Background
from nucleotides.metrics.monotone import Calibration
from nucleotides.metrics.summary import NUMBERS
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.registry import create_model

FORMAT, VERSION = "nucleotides model bundle", 1
_WHOLE = ("weights.safetensors", "tasks.tsv", "metrics.json")
_CALIBRATION, _CARD = "calibration.safetensors", "README.md"
_GENOME, _GC_MATCHED = "background.safetensors", "background_gc_matched.safetensors"
_PLACED = ("umap1", "umap2", "cluster", "mean_prediction", "std_prediction")
_CHECKED = {*_WHOLE, _CALIBRATION, _GENOME, _GC_MATCHED, _CARD}


@dataclass(frozen=True)
class Knowledge:
    """What is known of a model beyond its weights; None where it was not found out.

    Attributes:
        calibration: what makes its probabilities frequencies.
        background: its scores over the genome.
        gc_matched: those outside of peaks, with the GC content of peaks.
        card: the model card, Markdown.
    """

    calibration: Calibration | None = None
    background: Background | None = None
    gc_matched: Background | None = None
    card: str | None = None


NOTHING = Knowledge()


@dataclass(frozen=True)
class Bundle:
    """A model with what is known of it.

    Attributes:
        model: in evaluation mode, on the CPU.
        tasks: a row an output, in order; column `task`, facts, held-out metrics.
        facts: model.json: architecture, window, label rule.
        metrics: metrics.json, or an empty dictionary.
        known: calibration, background, card.
    """

    model: FunctionalModel
    tasks: pd.DataFrame
    facts: dict[str, Any]
    metrics: dict[str, Any]
    known: Knowledge


def write_bundle(
    checkpoint: Checkpoint,
    tasks: pd.DataFrame,
    metrics: dict[str, Any],
    out: Path,
    known: Knowledge = NOTHING,
) -> Path:
    """Write a bundle to the folder `out`, replacing what is there.

    Args:
        checkpoint: the trained model.
        tasks: a row an output of the model, in order, with a column `task`.
        metrics: the content of metrics.json.
        out: the folder.
        known: calibration, background, card.

    Raises:
        InputError: the table's tasks are not the model's.
        MismatchError: the calibration's or the background's tasks are not the model's.
    """
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
    chosen = checkpoint.hyperparameters
    with replacing(out) as folder:
        folder.mkdir()
        weights = {k: v.contiguous() for k, v in checkpoint.model.cpu().state_dict().items()}
        (folder / "weights.safetensors").write_bytes(save(weights))
        tasks.to_csv(folder / "tasks.tsv", sep="\t", index=False, float_format="%.6g")
        write_json(folder / "metrics.json", metrics)
        _write_known(known, folder)
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


def _write_known(known: Knowledge, folder: Path) -> None:
    parts = {
        _CALIBRATION: known.calibration,
        _GENOME: known.background,
        _GC_MATCHED: known.gc_matched,
    }
    for name, part in parts.items():
        if part is not None:
            part.save(folder / name)
    if known.card is not None:
        (folder / _CARD).write_text(known.card, encoding="utf-8")


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
    known = _read_known(path, set(facts["sha256"]), list(tasks["task"]))
    return Bundle(model.eval(), tasks, facts, metrics, known)


def _read_known(path: Path, there: set[str], tasks: list[str]) -> Knowledge:
    def background(name: str) -> Background | None:
        return Background.open(path / name, tasks) if name in there else None

    return Knowledge(
        Calibration.load(path / _CALIBRATION, tasks) if _CALIBRATION in there else None,
        background(_GENOME),
        background(_GC_MATCHED),
        (path / _CARD).read_text(encoding="utf-8") if _CARD in there else None,
    )


def _read_tasks(path: Path) -> pd.DataFrame:
    """The table, words as they stand (a biosample may be called NA), metrics as numbers."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    for column in (*NUMBERS, *_PLACED):
        if column in table:
            table[column] = pd.to_numeric(table[column], errors="coerce")
    return table
