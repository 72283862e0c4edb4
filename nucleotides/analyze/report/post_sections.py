"""The figures that post-processing adds, as inline SVG with what their captions say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.analyze.report import choose, numbers
from nucleotides.analyze.report.draw_errors import error_figure
from nucleotides.analyze.report.draw_reliability import TASKS, Reliability, reliability_figure
from nucleotides.analyze.report.draw_similarity import (
    shown_tasks,
    similarity_figure,
    triangle_correlation,
)
from nucleotides.analyze.report.evaluation import text
from nucleotides.analyze.report.gallery import Gallery, Pair
from nucleotides.analyze.report.long_tail import long_tail_figure, long_tail_table
from nucleotides.analyze.report.tables import Table
from nucleotides.analyze.report.theme import assay_colours

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Calibrated:
    """What `report_calibration.html.j2` shows; the errors are medians over tasks, as text."""

    curves: Pair
    errors: Pair
    before: str
    after: str
    genome: str = ""


@dataclass(frozen=True)
class Similarity:
    """What `report_similarity.html.j2` shows: of `tasks` tasks `shown`, their correlation."""

    figures: Pair
    correlation: str
    shown: int
    tasks: int


@dataclass(frozen=True)
class LongTail:
    """What `report_long_tail.html.j2` shows."""

    figures: Pair
    table: Table


def calibrated(
    tasks: pd.DataFrame,
    before: Reliability,
    after: Reliability,
    error_before: Floats,
    error_after: Floats,
    gallery: Gallery,
    genome: str = "",
) -> Calibrated:
    """Reliability of all tasks and of a few chosen ones, and every task's error.

    Args:
        tasks: as in `Evaluation`.
        before, after: groups of windows, by task, uncalibrated and calibrated.
        error_before, error_after: (tasks,) expected calibration errors.
        gallery: where figures go.
        genome: what is known of probabilities in the genome as a whole, a sentence.
    """
    groups = choose.by_assay(tasks)
    by_name = assay_colours(groups)
    colours = [by_name[assay] for assay in text(tasks, "assay")]
    picks = [pick.task for pick in choose.for_tracks(tasks, TASKS, TASKS)]
    names = choose.short_names(tasks)
    curves = gallery.both(
        lambda width: reliability_figure(before, after, names, colours, picks, width),
        "reliability",
        "Observed frequency against predicted probability, before and after calibration",
    )
    errors = gallery.both(
        lambda width: error_figure(error_before, error_after, groups, by_name, width),
        "calibration_errors",
        "Expected calibration error of every task, before and after calibration",
    )
    medians = [_median_percent(values) for values in (error_before, error_after)]
    return Calibrated(curves, errors, medians[0], medians[1], genome)


def similarity(
    tasks: pd.DataFrame,
    measured: NDArray[np.floating],
    predicted: NDArray[np.floating],
    order: Sequence[int] | NDArray[np.integer],
    gallery: Gallery,
    titles: tuple[str, str] = ("as measured", "as predicted"),
) -> Similarity:
    """Likeness of the tasks as measured and as predicted; arguments of `similarity_figure`."""
    names, assays = choose.short_names(tasks), text(tasks, "assay")
    colours = assay_colours(choose.by_assay(tasks))
    figures = gallery.both(
        lambda width: similarity_figure(
            measured, predicted, order, names, assays, colours, width, titles
        ),
        "similarity",
        "Heat maps of how alike the tasks are, as measured and as predicted, in the same order",
    )
    correlation = numbers.fixed(triangle_correlation(measured, predicted), 2)
    return Similarity(figures, correlation, len(shown_tasks(order)), len(tasks))


def long_tail(
    tasks: pd.DataFrame, positives: NDArray[np.integer], lift: Floats, gallery: Gallery
) -> LongTail:
    """Scores by number of positives in training; `tasks` and `lift` as in `Evaluation`."""
    auroc, precision = (
        tasks[name].to_numpy(dtype=float) for name in ("auroc", "average_precision")
    )
    assays = text(tasks, "assay")
    colours = assay_colours(choose.by_assay(tasks))
    figures = gallery.both(
        lambda width: long_tail_figure(positives, auroc, lift, assays, colours, width),
        "long_tail",
        "AUROC and lift of every task against its number of positive bins in training",
    )
    return LongTail(figures, long_tail_table(positives, auroc, precision, lift))


def _median_percent(values: Floats) -> str:
    finite = values[np.isfinite(values)]
    return numbers.percent(float(np.median(finite)) if len(finite) else None)
