"""Everything that post-processing finds out about a trained run, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from nucleotides.analyze.attempt import Attempts
from nucleotides.analyze.compare import Comparison
from nucleotides.analyze.compare_runs import compare_with
from nucleotides.analyze.genome_background import (
    background_positions,
    genome_background,
    predict_positions,
)
from nucleotides.analyze.judge_baselines import judge_baselines
from nucleotides.analyze.keep_bins import keep_bins
from nucleotides.analyze.last_layer import last_layer
from nucleotides.analyze.sample_bins import sampled_bins
from nucleotides.analyze.shift_to_genome import genome_prevalence, shift_to_genome
from nucleotides.analyze.similarity import (
    PredictionCorrelation,
    cosine,
    jaccard,
    label_counts,
    labels_at,
    phi,
)
from nucleotides.analyze.write_task_map import make_task_map
from nucleotides.data.leakage import Leak, leakage
from nucleotides.errors import InputError
from nucleotides.metrics.background import Background
from nucleotides.metrics.calibrate import calibrate
from nucleotides.metrics.monotone import Calibration
from nucleotides.model.checkpoint import check_tasks
from nucleotides.train.evaluate import Scored, evaluate, held_out
from nucleotides.train.keep_calibration import N_FOLDS, read_calibration
from nucleotides.train.reopen import Reopened

MapSource = Literal["labels", "predictions", "weights"]
Prevalence = Literal["validation", "genome"]
Matrix = NDArray[np.float32]
_AT_ONCE = 8192  # bins


@dataclass(frozen=True)
class Wanted:
    """What to find out, and how.

    Attributes:
        device: where to predict.
        background: windows of the genome's background, and as many again of like GC content.
        map_from: what the map of the tasks is made from.
        map_bins: bins of which it compares the labels, or windows of which the predictions.
        compare: a run to compare with: its folder or a checkpoint of it.
        prevalence: where tasks are as common as calibrated probabilities take for granted.
        leakage: whether to look for held-out sequence in training; it reads the genome once.
        seed: of the map.
    """

    device: str = "cpu"
    background: int = 10_000
    map_from: MapSource = "labels"
    map_bins: int = 100_000
    compare: Path | None = None
    prevalence: Prevalence = "validation"
    leakage: bool = True
    seed: int = 0


@dataclass(frozen=True)
class Findings:
    """What was found; None where a part could not be had.

    Attributes:
        scored: all bins of the test, scored; with the error after calibration.
        calibration: chosen on validation.
        genome, gc_matched: the background anywhere, and outside of peaks with their GC content.
        task_map: a row a task (see `make_task_map`).
        likeness: of the tasks on the kept bins, as measured (correlation of
            their labels, phi) and as predicted (of their probabilities).
        baselines: to task to scores, on the test.
        comparison: with another run.
        leaks: what held-out parts share with training.
        positives: int64 (tasks,) positive bins in the training part of the genome.
        prevalence: float64 (tasks,) part of the genome's positions that is positive, counted.
        absent: name of a part to why it could not be had.
        prevalence_of: what calibrated probabilities take for granted.
    """

    scored: Scored | None
    calibration: Calibration | None
    genome: Background | None
    gc_matched: Background | None
    task_map: pd.DataFrame | None
    likeness: tuple[Matrix, Matrix] | None
    baselines: dict[str, dict[str, dict[str, float]]] | None
    comparison: Comparison | None
    leaks: list[Leak] | None
    positives: NDArray[np.int64] | None
    prevalence: NDArray[np.float64] | None
    absent: dict[str, str]
    prevalence_of: Prevalence = "validation"


def examine(run: Reopened, wanted: Wanted) -> Findings:
    """Find out all that can be had; what cannot is told, and the rest goes on."""
    attempt = Attempts()
    model, tasks, plan = run.checkpoint.model, run.checkpoint.tasks, run.data.plan
    device, n = wanted.device, wanted.background
    calibration = attempt("calibration", lambda: find_calibration(run, wanted))
    scored = attempt("scores", lambda: _score(run, calibration, device))
    genome, gc_matched = (
        attempt(
            name, partial(genome_background, model, tasks, plan, n, source, device, calibration)
        )
        for source, name in {"genome": "background", "gc": "GC-matched background"}.items()
    )
    compared = None
    if wanted.compare is not None:
        compared = _compared(attempt, run, scored, wanted.compare, device)
    return Findings(
        scored,
        calibration,
        genome,
        gc_matched,
        attempt("map of the tasks", lambda: _map(run, wanted)),
        _likeness(scored) if scored else None,
        attempt("baselines", lambda: judge_baselines(tasks, run.data)),
        compared,
        attempt("leakage", lambda: leakage(plan)) if wanted.leakage else None,
        attempt("training positives", lambda: _positives(run)),
        attempt("prevalence in the genome", lambda: _genome_prevalence(run)),
        attempt.absent,
        wanted.prevalence,
    )


def find_calibration(run: Reopened, wanted: Wanted) -> Calibration:
    """That which the run kept, or one fitted now to its validation part; shifted if so wanted.

    Raises:
        InputError: there is no validation part.
    """
    tasks = run.checkpoint.tasks
    found = read_calibration(run.folder, tasks)
    if found is None:
        where, n = wanted.device, N_FOLDS
        model = run.checkpoint.model
        scored = evaluate(model, tasks, run.data, "validation", device=where, n_folds=n)
        found = calibrate(scored.folds, tasks)
    return shift_to_genome(found, run.data.plan) if wanted.prevalence == "genome" else found


def _score(run: Reopened, calibration: Calibration | None, device: str) -> Scored:
    model, tasks, data = run.checkpoint.model, run.checkpoint.tasks, run.data
    keep = keep_bins(held_out(data, "test"), data.bin, len(tasks))
    return evaluate(model, tasks, data, "test", device=device, keep=keep, calibration=calibration)


def _compared(
    attempt: Attempts, run: Reopened, scored: Scored | None, other: Path, device: str
) -> Comparison | None:
    if scored is None:
        attempt.absent["comparison"] = "this run itself could not be scored"
        return None
    return attempt("comparison", lambda: compare_with(run, scored, other, device))


def _map(run: Reopened, wanted: Wanted) -> pd.DataFrame:
    return make_task_map(run.checkpoint.tasks, _similarity(run, wanted), wanted.seed)


def _similarity(run: Reopened, wanted: Wanted) -> Matrix:
    """How alike the tasks are (tasks, tasks), by what was asked for."""
    model, data = run.checkpoint.model, run.data
    if wanted.map_from == "labels":
        check_tasks(run.checkpoint.tasks, data.tasks, str(data.targets.path))
        bins = sampled_bins(data.targets, wanted.map_bins, wanted.seed)
        return jaccard(label_counts(labels_at(data.targets, bins)))
    if wanted.map_from == "weights":
        weights, told = last_layer(model, run.checkpoint.hyperparameters)
        if weights is None:
            raise InputError(f"--map-from weights: {told}; choose labels or predictions")
        return cosine(weights)
    at = background_positions(data.plan, min(wanted.map_bins, wanted.background))
    found = PredictionCorrelation()
    for logits in predict_positions(model, data.plan, at, wanted.device, "map batches"):
        found.update(logits.float().cpu().numpy())
    return found.result()


def _likeness(scored: Scored) -> tuple[Matrix, Matrix]:
    predicted = PredictionCorrelation()
    for first in range(0, len(scored.logits), _AT_ONCE):
        some = scored.logits[first : first + _AT_ONCE].astype(np.float64)
        predicted.update(expit(some))
    return phi(label_counts([scored.labels])), predicted.result()


def _genome_prevalence(run: Reopened) -> NDArray[np.float64]:
    check_tasks(run.checkpoint.tasks, run.data.tasks, str(run.data.targets.path))
    return genome_prevalence(run.data.plan)


def _positives(run: Reopened) -> NDArray[np.int64]:
    """Positive positions of each task where training may draw, as so many bins side by side."""
    check_tasks(run.checkpoint.tasks, run.data.tasks, str(run.data.targets.path))
    plan = run.data.plan
    regions = plan.layout.split(plan.allowed)
    counts = plan.targets.count_positive(regions, plan.bin, plan.threshold)
    return np.rint(counts / plan.bin).astype(np.int64)
