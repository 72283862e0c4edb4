"""AUROC and lift of every task: one row per task, or one strip per assay for many tasks."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nucleotides.analyze.report import choose, numbers
from nucleotides.analyze.report.canvas import (
    GRID,
    INK,
    MUTED,
    RULE,
    TEXT,
    axes,
    canvas,
    grid,
    left_edge,
    set_ticks,
    write,
)
from nucleotides.analyze.report.evaluation import Evaluation, text
from nucleotides.analyze.report.theme import LIGHT, assay_colours

MOST_ROWS = 80
# Markers of the first, second, ... baseline; the page's legend draws the same.
MARKERS = ("D", "^", "s", "v")
_MOST_DOTS = 400
_ROW = 17.0
_STRIP = 74.0
_TOP = 44.0

Baselines = dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True)
class _Scale:
    """One of the two figures of merit: its values, its axis, and how it is written."""

    title: str
    values: np.ndarray
    baselines: list[np.ndarray]
    limits: tuple[float, float]
    ticks: list[float]
    chance: float
    digits: int

    def written(self, value: float) -> str:
        return numbers.times(value) if self.digits == 1 else numbers.fixed(value, 2)


def score_figure(evaluation: Evaluation, baselines: Baselines | None, width: float) -> Figure:
    """AUROC and lift side by side, by assay: rows up to `MOST_ROWS` tasks, else strips.

    Args:
        evaluation: the held-out set.
        baselines: as in `RunFacts`.
        width: of the figure in CSS pixels; below 600 labels are kept short.
    """
    scales = (_auroc(evaluation, baselines or {}), _lift(evaluation, baselines or {}))
    if len(evaluation.tasks) > MOST_ROWS:
        return _strips(evaluation, scales, width)
    return _rows(evaluation, scales, width)


def _auroc(evaluation: Evaluation, baselines: Baselines) -> _Scale:
    values = evaluation.tasks["auroc"].to_numpy(dtype=float)
    rivals = [_baseline(evaluation, scores, "auroc") for scores in baselines.values()]
    least = min(0.5, math.floor(10 * _least(values, *rivals, default=0.5)) / 10)
    ticks = [round(float(tick), 1) for tick in np.arange(least, 1.01, 0.1)]
    title = "AUROC (chance 0.5)"
    return _Scale(title, values, rivals, (least - 0.02, 1.02), ticks, 0.5, 2)


def _lift(evaluation: Evaluation, baselines: Baselines) -> _Scale:
    values = evaluation.lift
    prevalence = evaluation.tasks["prevalence"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        rivals = [
            _baseline(evaluation, scores, "average_precision") / prevalence
            for scores in baselines.values()
        ]
    drawn = [np.where(np.isfinite(v) & (v > 0), v, np.nan) for v in (values, *rivals)]
    least = min(1.0, _least(*drawn, default=1.0))
    most = max(2.0, -_least(*(-v for v in drawn), default=-2.0))
    ticks = [
        step * 10.0**power
        for power in range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
        for step in ((1, 2, 5) if most < 300 * least else (1,))
    ]
    limits = (least / 1.15, most * 1.15)
    ticks = [tick for tick in ticks if limits[0] <= tick <= limits[1]]
    title = "lift: average precision ÷ prevalence (chance 1)"
    return _Scale(title, drawn[0], drawn[1:], limits, ticks, 1.0, 1)


def _baseline(evaluation: Evaluation, scores: dict[str, dict[str, float]], name: str) -> np.ndarray:
    names = text(evaluation.tasks, "task")
    return np.array([scores.get(task, {}).get(name, np.nan) for task in names], dtype=float)


def _least(*values: np.ndarray, default: float) -> float:
    everything = np.concatenate(values)
    finite = everything[np.isfinite(everything)]
    return float(finite.min()) if len(finite) else default


def _panels(
    figure: Figure, scales: tuple[_Scale, _Scale], left: float, rows: float, scale: float
) -> list[Axes]:
    """Two axes side by side below a title each, `rows` high in data units of `scale` pixels."""
    width = float(figure.get_size_inches()[0]) * 72
    narrow = width < 600
    gap = 28.0 if narrow else 44.0
    each = (width - left - gap - 14) / 2
    made = []
    for i, merit in enumerate(scales):
        ax = axes(figure, left + i * (each + gap), _TOP, each, rows * scale)
        ax.set(ylim=(rows - 0.5, -0.5), xlim=merit.limits)
        ax.yaxis.set_visible(False)
        if merit.digits == 1:
            ax.set_xscale("log")
        ticks = merit.ticks[:: math.ceil(len(merit.ticks) / (4 if narrow else 11))]
        labels = [f"{t:g}×" if merit.digits == 1 else f"{t:.1f}" for t in ticks]
        set_ticks(ax, "x", ticks, labels)
        ax.tick_params(axis="x", labeltop=True, length=0, pad=3)
        grid(ax, "x")
        ax.axvline(merit.chance, color=MUTED, linewidth=0.8, dashes=(2, 2), zorder=1)
        full = re.split(r" \(|:", merit.title)[0] if narrow else merit.title
        write(ax, 0, 1 + 30 / (rows * scale), full, transform=ax.transAxes, fontsize=TEXT)
        made.append(ax)
    return made


def _rows(evaluation: Evaluation, scales: tuple[_Scale, _Scale], width: float) -> Figure:
    groups = choose.by_assay(evaluation.tasks)
    names = choose.short_names(evaluation.tasks)
    colours = assay_colours(groups)
    narrow = width < 600
    left, most = (130.0, 19) if narrow else (190.0, 30)
    count = len(evaluation.tasks) + len(groups) * 1.35
    figure = canvas(width, _TOP + count * _ROW + 28)
    panels = _panels(figure, scales, left, count, _ROW)
    at = 0.0
    for assay, rows in groups.items():
        colour = LIGHT[colours[assay]]
        heading = choose.elide(assay or "no assay named", most)
        _heading(panels[0], at, heading)
        places = at + 1 + np.arange(len(rows))
        for ax, merit in zip(panels, scales, strict=True):
            _group(ax, merit, rows, places, colour)
        for row, place in zip(rows, places, strict=True):
            _label(panels[0], float(place), choose.elide(names[row], most))
        at += len(rows) + 1.35
    return figure


def _heading(ax: Axes, y: float, words: str) -> None:
    place = ax.get_yaxis_transform()
    write(ax, left_edge(ax), y, words, transform=place, fontsize=TEXT, fontweight="bold")


def _label(ax: Axes, y: float, words: str) -> None:
    write(ax, left_edge(ax, inset=0.05), y, words, transform=ax.get_yaxis_transform())


def _group(ax: Axes, merit: _Scale, rows: list[int], places: np.ndarray, colour: str) -> None:
    """The dots of one assay, its median above them, and what has no score as a dash."""
    values = merit.values[rows]
    scored = np.isfinite(values)
    ax.hlines(places, *merit.limits, color=GRID, linewidth=0.6, zorder=0.5)
    if scored.sum() > 1:
        middle = float(np.median(values[scored]))
        ax.plot([middle] * 2, [places[0] - 0.5, places[-1] + 0.4], color=colour, lw=1, alpha=0.5)
        write(ax, middle, places[0] - 0.95, merit.written(middle), color=MUTED, ha="center")
    for marker, rival in zip(MARKERS, merit.baselines, strict=False):
        ax.plot(rival[rows], places, marker, markersize=4.5, markerfacecolor="none",
                color=MUTED, markeredgewidth=1, linestyle="none")  # fmt: skip
    ax.plot(values[scored], places[scored], "o", color=colour, markersize=6.5, zorder=3)
    for place in places[~scored]:
        write(ax, merit.chance, place, f" {numbers.DASH}", color=MUTED)


def _strips(evaluation: Evaluation, scales: tuple[_Scale, _Scale], width: float) -> Figure:
    groups = choose.by_assay(evaluation.tasks)
    colours = assay_colours(groups)
    narrow = width < 600
    left, most = (130.0, 19) if narrow else (190.0, 30)
    figure = canvas(width, _TOP + len(groups) * _STRIP + 28)
    panels = _panels(figure, scales, left, len(groups), _STRIP)
    for at, (assay, rows) in enumerate(groups.items()):
        heading = choose.elide(assay or "no assay named", most)
        _heading(panels[0], at - 0.1, heading)
        _label(panels[0], at + 0.14, numbers.counted(len(rows), "task"))
        for ax, merit in zip(panels, scales, strict=True):
            _strip(ax, merit, rows, at, LIGHT[colours[assay]])
    return figure


def _strip(ax: Axes, merit: _Scale, rows: list[int], at: int, colour: str) -> None:
    """Dots of one assay spread by height, over their quartiles and median."""
    values = np.sort(merit.values[rows])
    values = values[np.isfinite(values)]
    if not len(values):
        write(ax, merit.chance, at, f" {numbers.DASH}", color=MUTED)
        return
    shown = values[np.unique(np.linspace(0, len(values) - 1, _MOST_DOTS).astype(int))]
    # Multiples of the golden ratio spread evenly and never line up.
    spread = (np.arange(len(shown)) * 0.618034) % 1 - 0.5
    ax.plot(shown, at - 0.08 + 0.42 * spread, "o", color=colour, markersize=2.6, alpha=0.45,
            markeredgewidth=0)  # fmt: skip
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    below = at + 0.27
    ax.plot([values[0], values[-1]], [below] * 2, color=RULE, linewidth=1)
    ax.plot([low, high], [below] * 2, color=colour, linewidth=4, solid_capstyle="butt")
    ax.plot([middle], [below], "o", color=INK, markersize=6)
    for marker, rival in zip(MARKERS, merit.baselines, strict=False):
        finite = rival[rows][np.isfinite(rival[rows])]
        if len(finite):
            ax.plot([np.median(finite)], [below], marker, markersize=5, markerfacecolor="none",
                    color=MUTED, markeredgewidth=1)  # fmt: skip
    write(ax, float(middle), at + 0.41, merit.written(float(middle)), color=MUTED, ha="center")
