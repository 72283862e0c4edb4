"""The held-out windows in which tasks are predicted most."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.data.datamodule import DataModule
from nucleotides.data.positions import Positions
from nucleotides.errors import InputError
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.predict.regions.predict_rows import How, Predictor
from nucleotides.progress import track
from nucleotides.train.reopen import data_arguments

if TYPE_CHECKING:
    from nucleotides.predict import Model

_BATCH = 256


def training_config(path: Path) -> dict[str, Any]:
    """The configuration that a bundle, a run or a checkpoint was trained with.

    Raises:
        InputError: it is not known; tell the regions.
    """
    facts = path / "metrics.json"
    if (path / "manifest.json").is_file() and facts.is_file():
        config = json.loads(facts.read_text(encoding="utf-8")).get("config") or {}
    else:
        checkpoint = path / "checkpoints" / "best.ckpt" if path.is_dir() else path
        if not checkpoint.is_file():
            raise InputError(f"{path} does not say what it was trained on: give --fasta or --bed")
        config = load_checkpoint(checkpoint).hyperparameters["config"]
    if "test" not in config:
        raise InputError(f"{path} does not say what was held out of its training: give --bed")
    return dict(config)


def open_data(config: Mapping[str, Any], changed: Mapping[str, str]) -> DataModule:
    """The data of a training, with stores that may lie elsewhere now.

    Raises:
        InputError, MismatchError, StoreError: data that cannot be used.
    """
    return DataModule(**data_arguments({**config, "intervals": None, **changed}))


def choose_top(
    model: Model, data: DataModule, part: str, tasks: Sequence[str], n: int, among: int
) -> pd.DataFrame:
    """The n windows with the highest predictions of each task, no two of one task overlapping.

    Args:
        model: reads windows of `data.sequence_length`.
        data: tells what is held out, and the peaks.
        part: "test" or "validation".
        tasks: names.
        n: windows of each task.
        among: of so many held-out windows at most, chosen evenly by the seed of the data.

    Returns:
        Rows as `read_regions` has them: `contig`, `chrom`, `start`, `end`; `note`: of which task,
        and whether the bin in its middle is in a peak; `top_of`: those tasks, between semicolons. A
        window is there once.
    """
    at = data.held_out_positions(part, among)
    predictor = Predictor(model, How(tasks=tuple(tasks), logits=True))
    starts = at.centres - model.sequence_length // 2
    steps = range(0, starts.size, _BATCH)
    scores = np.concatenate(
        [
            predictor.windows(_windows(data, at, starts, first, model.sequence_length))
            for first in track(steps, f"batches of {_BATCH} {part} windows")
        ]
    )
    notes: dict[int, list[str]] = {}
    top_of: dict[int, list[str]] = {}
    for column, task in enumerate(predictor.tasks):
        best = _apart(scores[:, column], at, n, model.sequence_length)
        inside = _in_peaks(data, at, best, task)
        for rank, row in enumerate(best.tolist()):
            note = f"number {rank + 1} of {task}" + (f", {inside[rank]}" if inside else "")
            notes.setdefault(row, []).append(note)
            top_of.setdefault(row, []).append(task)
    rows = np.array(list(notes), np.int64)
    known = list(data.genome.contigs)
    return pd.DataFrame(
        {
            "contig": at.contigs[rows],
            "chrom": [known[i] for i in at.contigs[rows]],
            "start": starts[rows],
            "end": starts[rows] + model.sequence_length,
            "note": [f"{'; '.join(notes[row])} ({part})" for row in rows.tolist()],
            "top_of": [";".join(top_of[row]) for row in rows.tolist()],
        }
    )


def _windows(
    data: DataModule, at: Positions, starts: NDArray[np.int64], first: int, length: int
) -> NDArray[np.uint8]:
    some = slice(first, first + _BATCH)
    return data.genome.windows(at.contigs[some], starts[some], length)


def _apart(scores: NDArray[np.float64], at: Positions, n: int, length: int) -> NDArray[np.int64]:
    """Rows from the highest score down, without those that overlap one before them."""
    kept: list[int] = []
    for row in np.argsort(-scores, kind="stable").tolist():
        near = (at.contigs[kept] == at.contigs[row]) & (
            np.abs(at.centres[kept] - at.centres[row]) < length
        )
        if not near.any():
            kept.append(row)
        if len(kept) == n:
            break
    return np.array(kept, np.int64)


def _in_peaks(data: DataModule, at: Positions, rows: NDArray[np.int64], task: str) -> list[str]:
    """In words; nothing for a task that the store does not have."""
    known = data.tasks
    if task not in known:
        return []
    labels = data.targets.labels_at(at.contigs[rows], at.centres[rows], data.bin, data.threshold)
    return ["in a peak" if label else "in no peak" for label in labels[:, known.index(task)]]
