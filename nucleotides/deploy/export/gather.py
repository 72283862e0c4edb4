"""What is known of a model, wherever it lies: a run, a checkpoint, or a bundle."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from nucleotides.bundle import Knowledge, read_bundle
from nucleotides.bundle.layout import MANIFEST, ONNX
from nucleotides.bundle.read_bundle import as_numbers
from nucleotides.errors import InputError, NucleotidesError
from nucleotides.model.checkpoint import Checkpoint, load_checkpoint
from nucleotides.progress import say
from nucleotides.train.folders import run_of
from nucleotides.train.keep_calibration import read_calibration
from nucleotides.train.list_runs import read_config
from nucleotides.train.lock_data import read_lock

POST_PROCESSED = Path("post-process", "model")
"""Where `nucleotides post-process` leaves the bundle of a run, below its folder."""


@dataclass(frozen=True)
class Gathered:
    """A model, and all that was found of it.

    Attributes:
        name: of the run, or of the file or folder.
        checkpoint: weights and architecture.
        tasks: a row an output.
        metrics: by task and in summary, or an empty dictionary.
        known: the rest.
        part: what the metrics are of, test or validation; empty if that is not known.
        onnx: whether model.onnx is beside it, which is not gathered.
    """

    name: str
    checkpoint: Checkpoint
    tasks: pd.DataFrame
    metrics: dict[str, Any]
    known: Knowledge
    part: str = ""
    onnx: bool = False


def gather(path: Path, *, trust_code: bool = False) -> Gathered:
    """All that is known of the model at `path`.

    Of a run (or of its best checkpoint): what `post-process` left of that very checkpoint, or else
    its calibration and its scores on the held-out part. Of another checkpoint: its tasks alone.

    Raises:
        InputError, StoreError: there is no model, or the run is not finished.
        UntrustedCodeError: it is of a class that is not of the zoo, and `trust_code` was not given.
    """
    if (path / MANIFEST).is_file():
        return _of_bundle(path, trust_code)
    if read_config(path):
        best = path / "checkpoints" / "best.ckpt"
        if not (best.is_file() and (path / "validation.json").is_file()):
            raise InputError(
                f"the run {path} is not finished: go on with it, or export one of its checkpoints"
            )
        return _of_run(path, load_checkpoint(best, trust_code=trust_code))
    if path.is_dir():
        raise InputError(f"{path} holds no model: give a run, a checkpoint or a bundle")
    checkpoint = load_checkpoint(path, trust_code=trust_code)
    run = run_of(path)
    if run and path.name == "best.ckpt" and (run / "validation.json").is_file():
        return _of_run(run, checkpoint)
    tasks = pd.DataFrame({"task": checkpoint.tasks})
    if run:
        tasks = _read_tasks(run / "tasks.tsv", checkpoint.tasks)
    known = Knowledge(lock=read_lock(run)) if run else Knowledge()
    return Gathered(path.stem, checkpoint, tasks, {}, known)


def _of_bundle(path: Path, trust_code: bool) -> Gathered:
    bundle = read_bundle(path, trust_code=trust_code)
    checkpoint = Checkpoint(bundle.model, list(bundle.tasks["task"]), bundle.facts)
    onnx = ONNX in bundle.facts["sha256"]
    return Gathered(
        path.resolve().name, checkpoint, bundle.tasks, bundle.metrics, bundle.known, onnx=onnx
    )


def _of_run(folder: Path, checkpoint: Checkpoint) -> Gathered:
    name, lock = folder.resolve().name, read_lock(folder)
    if found := _post_processed(folder, checkpoint):
        return replace(found, name=name, onnx=False, known=replace(found.known, lock=lock))
    part = "test" if (folder / "test.json").is_file() else "validation"
    tasks = _read_tasks(folder / f"{part}.tsv", checkpoint.tasks)
    metrics: dict[str, Any] = json.loads((folder / f"{part}.json").read_text(encoding="utf-8"))
    calibration = read_calibration(folder, checkpoint.tasks)
    known = Knowledge(calibration, lock=lock)
    return Gathered(name, checkpoint, tasks, metrics, known, part)


def _post_processed(folder: Path, checkpoint: Checkpoint) -> Gathered | None:
    """What `post-process` left of this very checkpoint."""
    path = folder / POST_PROCESSED
    if not (path / MANIFEST).is_file():
        return None
    try:
        found = _of_bundle(path, trust_code=True)  # of the class that was just made
    except NucleotidesError as error:
        say(f"{path} is left aside: {error}")
        return None
    ours, theirs = (c.model.state_dict() for c in (checkpoint, found.checkpoint))
    same = ours.keys() == theirs.keys() and found.checkpoint.tasks == checkpoint.tasks
    if same and all(torch.equal(values, theirs[name]) for name, values in ours.items()):
        return found
    say(f"{path} is left aside: it is of other weights; run `nucleotides post-process` again")
    return None


def _read_tasks(path: Path, names: list[str]) -> pd.DataFrame:
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    if list(table["task"]) != names:
        raise InputError(f"{path} is of other tasks than the checkpoint")
    return as_numbers(table)
