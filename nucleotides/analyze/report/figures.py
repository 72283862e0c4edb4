"""Learning curves, and precision-recall and ROC curves, as matplotlib figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nucleotides.analyze.report import curves
from nucleotides.analyze.report.canvas import (
    INK,
    MUTED,
    RULE,
    TEXT,
    axes,
    canvas,
    grid,
    set_ticks,
    write,
)
from nucleotides.analyze.report.choose import Pick
from nucleotides.analyze.report.evaluation import Evaluation
from nucleotides.analyze.report.theme import LIGHT

# Line styles of the first, second and third curve of a panel; the page's legends use them too.
DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2), (1.2, 1.8))
PANEL = (306.0, 214.0)


def learning_curve(
    history: pd.DataFrame, lines: dict[str, str], label: str, best_epoch: int | None
) -> Figure | None:
    """Columns of the history against the epoch, the best epoch ringed.

    Args:
        history: as in `RunFacts`.
        lines: column to the name of its colour.
        label: of the y axis, written above it.
        best_epoch: marked on the last of `lines`; None for no mark.

    Returns:
        A figure, or None where no column holds a number.
    """
    drawn = {name: history[["epoch", name]].dropna() for name in lines if name in history}
    drawn = {name: points for name, points in drawn.items() if len(points)}
    if not drawn:
        return None
    figure = canvas(*PANEL)
    ax = axes(figure, 44, 26, PANEL[0] - 58, PANEL[1] - 66)
    grid(ax, "y")
    for name, points in drawn.items():
        _learning_line(ax, points, LIGHT[lines[name]])
    _mark_best(ax, drawn[list(drawn)[-1]], best_epoch)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.margins(x=0.04, y=0.1)
    figure.text(0.01, 1 - 12 / PANEL[1], label, fontsize=TEXT, color=INK, va="center")
    ax.set_xlabel("epoch", color=MUTED, fontsize=TEXT)
    return figure


def _learning_line(ax: Axes, points: pd.DataFrame, colour: str) -> None:
    epoch, value = (points.iloc[:, i].to_numpy(dtype=float) for i in (0, 1))
    epoch, value = curves.thin(epoch, value)
    marker = "o" if len(epoch) <= 30 else ""
    ax.plot(epoch, value, color=colour, linewidth=1.6, marker=marker, markersize=3)


def _mark_best(ax: Axes, points: pd.DataFrame, best_epoch: int | None) -> None:
    at = points[points["epoch"] == best_epoch]
    if best_epoch is None or not len(at):
        return
    ax.axvline(best_epoch, color=RULE, linewidth=1, dashes=(2, 2), zorder=1)
    x, y = at.iloc[-1:, :2].to_numpy(dtype=float).T
    ax.plot(x, y, "o", markersize=9, markerfacecolor="none", color=INK, markeredgewidth=1.4)


def precision_recall_curves(evaluation: Evaluation, picks: list[Pick], colour: str) -> Figure:
    """Precision against recall of up to three tasks, each with its prevalence as a thin line.

    Args:
        evaluation: the held-out set.
        picks: tasks with at least one positive; drawn in the styles of `DASHES`.
        colour: a name of `theme.LIGHT`.
    """
    figure, ax = _unit_square("recall", "precision")
    for pick, dashes in zip(picks, DASHES, strict=False):
        positive, negative = curves.thresholds(evaluation.judged.ranked, pick.task)
        recall, precision = curves.thin(*_staircase(positive, negative))
        prevalence = positive.sum() / (positive.sum() + negative.sum())
        ax.axhline(float(prevalence), color=MUTED, linewidth=0.8, dashes=dashes or (None, None))
        style = {"color": LIGHT[colour], "linewidth": 1.7, "drawstyle": "steps-pre"}
        ax.plot(recall, precision, dashes=dashes or (None, None), **style)  # type: ignore[arg-type]
    return figure


def _staircase(positive: np.ndarray, negative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points at which recall rises: the area under their steps is the average precision."""
    recall, precision = curves.precision_recall(positive, negative)
    rises = np.flatnonzero(np.diff(recall)) + 1
    return np.append(0, recall[rises]), np.append(precision[rises[0]], precision[rises])


def roc_curves(evaluation: Evaluation, picks: list[Pick], colour: str) -> Figure:
    """True against false positive rate of up to three tasks, and the diagonal of chance.

    Args:
        evaluation: the held-out set.
        picks: tasks with positives and negatives; drawn in the styles of `DASHES`.
        colour: a name of `theme.LIGHT`.
    """
    figure, ax = _unit_square("false positive rate", "true positive rate")
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
    for pick, dashes in zip(picks, DASHES, strict=False):
        counts = curves.thresholds(evaluation.judged.ranked, pick.task)
        false, true = curves.thin(*curves.roc(*counts))
        ax.plot(false, true, color=LIGHT[colour], linewidth=1.7, dashes=dashes or (None, None))
    return figure


def _unit_square(x: str, y: str) -> tuple[Figure, Axes]:
    figure = canvas(304, 284)
    ax = axes(figure, 34, 26, 260, 216)
    at = np.linspace(0, 1, 6)
    names = [f"{value:.1f}" for value in at]
    for axis in ("x", "y"):
        set_ticks(ax, axis, list(at), names)
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
    grid(ax, "both")
    ax.set_xlabel(x, color=MUTED, fontsize=TEXT)
    write(ax, -0.13, 1.09, y, fontsize=TEXT, color=MUTED)
    return figure, ax
