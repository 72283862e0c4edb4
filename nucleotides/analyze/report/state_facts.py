"""The facts of a run, as its report, its card and its metrics.json state them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch

from nucleotides import __version__
from nucleotides.analyze.examine import Findings, MapSource
from nucleotides.analyze.report import numbers
from nucleotides.analyze.report.evaluation import RunFacts
from nucleotides.analyze.report.provenance import describe_run, read_history
from nucleotides.train.reopen import Reopened

_NEIGHBOURS: dict[MapSource, str] = {
    "labels": "their peaks lie in the same bins (Jaccard index of their labels)",
    "predictions": "the network's predictions for them rise and fall together (correlation)",
    "weights": "the network reads them out by like weights of its last layer (cosine)",
}


@dataclass(frozen=True)
class Told:
    """What a caller knows better than the run's files.

    Attributes:
        title: of the report and the card.
        provenance: entries that replace or follow those of the run.
        baselines: shown beside those of composition.
        next_steps: at the end of the report.
        licence: of the weights.
        limits: of the model, for the card.
    """

    title: str | None = None
    provenance: Mapping[str, str] | None = None
    baselines: Mapping[str, dict[str, dict[str, float]]] | None = None
    next_steps: Sequence[tuple[str, str]] = ()
    licence: str | None = None
    limits: Sequence[str] = ()


def state_facts(
    run: Reopened, found: Findings, summary: Mapping[str, Any], map_from: MapSource, told: Told
) -> RunFacts:
    """What the report says beside the scores.

    Args:
        run: the run.
        found: what was found out about it.
        summary: that of metrics.json.
        map_from: what the map of the tasks was made from.
        told: what the caller knows better.
    """
    history = read_history(run.folder)
    tasks = numbers.counted(len(run.checkpoint.tasks), "task")
    kind, name = run.config["model_class"], run.folder.name
    baselines = {**(told.baselines or {}), **(found.baselines or {})}
    return RunFacts(
        title=told.title or f"{kind} on {tasks}" + (f" ({name})" if name != kind else ""),
        summary={**summary, "training": _speed(history)},
        provenance={**describe_run(run), **(told.provenance or {})},
        history=history,
        best_epoch=_epoch(run),
        next_steps=list(told.next_steps),
        baselines=baselines or None,
        map_told=f"Near tasks are alike: {_NEIGHBOURS[map_from]}. The axes mean nothing, "
        "and distances between far groups little.",
    )


def state_config(run: Reopened, device: str) -> dict[str, Any]:
    """What the scores in metrics.json stand for: `config` there."""
    speed = _speed(read_history(run.folder))
    return {
        **run.config,
        "split": run.data.split.describe(),
        "checkpoint": str(run.path),
        "training_samples": speed.get("samples"),
        "training_seconds": speed.get("seconds"),
        "samples_per_second": speed.get("samples_per_second"),
        "nucleotides": __version__,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": device,
    }


def _speed(history: pd.DataFrame) -> dict[str, float]:
    """Samples, and seconds of training without validations; empty where no one noted them."""
    if history.empty or not {"samples", "seconds"} <= set(history.columns):
        return {}
    samples, seconds = float(history["samples"].iloc[-1]), float(history["seconds"].sum())
    return {"samples": samples, "seconds": seconds, "samples_per_second": samples / seconds}


def _epoch(run: Reopened) -> int:
    """That of the checkpoint, counted from 1."""
    content = torch.load(run.path, map_location="cpu", weights_only=True)
    return int(content["epoch"]) + 1
