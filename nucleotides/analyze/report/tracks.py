"""Predicted against measured along the genome, as tracks of a genome browser."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import expit

from nucleotides.analyze.report import choose, numbers
from nucleotides.analyze.report.canvas import (
    INK,
    MUTED,
    SMALL,
    TEXT,
    axes,
    canvas,
    left_edge,
    set_ticks,
    write,
)
from nucleotides.analyze.report.choose import Pick
from nucleotides.analyze.report.evaluation import Evaluation, text
from nucleotides.analyze.report.theme import LIGHT, assay_colours
from nucleotides.analyze.stretches import Stretch

ZOOM = 100_000
_AREA, _BARS, _SPACE = 34.0, 7.0, 12.0


def densest(evaluation: Evaluation, whole: Stretch, picks: list[Pick]) -> Stretch | None:
    """The `ZOOM` bases of a stretch in which most peaks of the chosen tasks begin.

    None where the stretch is not at least half as long again.
    """
    if whole.end - whole.start < 1.5 * ZOOM:
        return None
    labels = evaluation.labels[:, [pick.task for pick in picks]][whole.rows].astype(np.int8)
    begins = (np.diff(labels, axis=0, prepend=0) > 0).sum(axis=1)
    centres = evaluation.centres[whole.rows]
    last = np.searchsorted(centres, centres + ZOOM - evaluation.bin, side="right")
    total = np.concatenate([[0], np.cumsum(begins)])
    first = int(np.argmax(total[last] - total[:-1]))
    return whole.part(evaluation.centres, evaluation.bin, slice(first, last[first]))


def column_maxima(
    centres: np.ndarray, values: np.ndarray, start: int, end: int, columns: int
) -> np.ndarray:
    """The highest value in each of `columns` equal parts of [start, end); NaN where no bin is.

    Args:
        centres: (n,) positions in [start, end).
        values: (n,) numbers.
        start: first base.
        end: half-open.
        columns: number of parts.
    """
    highest = np.full(columns, -np.inf)
    at = ((centres - start) * columns) // (end - start)
    np.maximum.at(highest, np.clip(at, 0, columns - 1), values)
    highest[np.isneginf(highest)] = np.nan
    return highest


def track_figure(
    evaluation: Evaluation,
    stretch: Stretch,
    picks: list[Pick],
    width: float,
    scale_to: Stretch | None = None,
    mark: Stretch | None = None,
) -> Figure:
    """A track per task: predicted probability as an area, measured peaks as bars below it.

    Each pixel column shows the highest value of its bins.

    Args:
        evaluation: the held-out set.
        stretch: what to draw.
        picks: which tasks, from the top.
        width: of the figure in CSS pixels; below 600 the labels lie above the tracks.
        scale_to: each track's axis ends at its highest probability in here (default `stretch`).
        mark: shaded, e.g. what the next figure zooms into.
    """
    narrow = width < 600
    left, above = (34.0, 16.0) if narrow else (180.0, 0.0)
    pitch = above + _AREA + _BARS + _SPACE
    figure = canvas(width, 8 + len(picks) * pitch + 40)
    across = width - left - 18
    for i, pick in enumerate(picks):
        ax = axes(figure, left, 8 + i * pitch + above, across, _AREA + _BARS)
        _track(ax, evaluation, stretch, scale_to or stretch, pick.task, int(across))
        if mark is not None:
            ax.axvspan(mark.start, mark.end, color=LIGHT["band"], linewidth=0, zorder=0)
        _name(ax, evaluation, pick, narrow)
        if i < len(picks) - 1:
            set_ticks(ax, "x", [], [])
    _position_axis(ax, stretch, narrow)
    return figure


def _track(
    ax: Axes, evaluation: Evaluation, stretch: Stretch, whole: Stretch, task: int, pixels: int
) -> None:
    span = stretch.end - stretch.start
    columns = max(1, min(pixels, span // evaluation.bin))
    edges = np.linspace(stretch.start, stretch.end, columns + 1)
    place = (evaluation.centres[stretch.rows], stretch.start, stretch.end, columns)
    highest = float(expit(evaluation.logits[whole.rows, task].astype(np.float64)).max())
    predicted = expit(evaluation.logits[stretch.rows, task].astype(np.float64))
    heights = column_maxima(place[0], predicted, *place[1:]) / max(highest, 1e-12)
    measured = column_maxima(place[0], evaluation.labels[stretch.rows, task], *place[1:])

    assays = text(evaluation.tasks, "assay")
    colour = LIGHT[assay_colours(choose.by_assay(evaluation.tasks))[assays[task]]]
    # Half a pixel is all that shows: coarser heights make fewer corners.
    _blocks(ax, np.round(heights * 2 * _AREA) / (2 * _AREA), edges, colour, 0)
    floor = -_BARS / _AREA
    bars = np.where(measured > 0, floor * 0.85, np.nan)
    _blocks(ax, bars, edges, INK, floor * 0.25)
    ax.axhline(0, color=LIGHT["rule"], linewidth=0.6)
    ax.spines["bottom"].set_visible(False)
    ax.set(xlim=(stretch.start, stretch.end), ylim=(floor, 1.02))
    set_ticks(ax, "y", [0, 1], ["0", f"{highest:#.2g}"])
    for label, where in zip(ax.get_yticklabels(), ("bottom", "top"), strict=True):
        label.set(fontsize=9, verticalalignment=where)


def _blocks(ax: Axes, heights: np.ndarray, edges: np.ndarray, colour: str, baseline: float) -> None:
    """A filled staircase, columns of equal height drawn as one; NaN leaves a gap."""
    filled = np.nan_to_num(heights, nan=np.inf)
    first = np.concatenate([[0], np.flatnonzero(filled[1:] != filled[:-1]) + 1])
    ends = np.append(edges[first], edges[-1])
    ax.stairs(heights[first], ends, baseline=baseline, fill=True, color=colour, linewidth=0)


def _name(ax: Axes, evaluation: Evaluation, pick: Pick, narrow: bool) -> None:
    name = choose.short_names(evaluation.tasks)[pick.task]
    auroc = numbers.fixed(float(evaluation.tasks["auroc"].iloc[pick.task]), 2)
    note = f"AUROC {auroc}" + (f", {pick.role}" if pick.role else "")
    if narrow:
        write(ax, 0, 1.22, choose.elide(name, 26), transform=ax.transAxes, fontsize=TEXT)
        write(ax, 1, 1.22, note, transform=ax.transAxes, color=MUTED, ha="right")
        return
    x = left_edge(ax)
    write(ax, x, 0.76, choose.elide(name, 22), transform=ax.transAxes, fontsize=TEXT)
    write(ax, x, 0.40, note, transform=ax.transAxes, color=MUTED)


def _position_axis(ax: Axes, stretch: Stretch, narrow: bool) -> None:
    at, names = position_ticks(stretch.start, stretch.end, 4 if narrow else 8)
    set_ticks(ax, "x", at, names)
    ax.tick_params(axis="x", labelsize=SMALL, pad=3, length=4)
    label = f"position on {stretch.contig} (Mb)"
    ax.set_xlabel(label, color=MUTED, fontsize=TEXT, parse_math=False)


def position_ticks(start: int, end: int, most: int) -> tuple[list[float], list[str]]:
    """At most `most` round positions of [start, end], and each in megabases."""
    rough = (end - start) / most
    power = math.floor(math.log10(rough))
    step = next(s * 10**power for s in (1, 2, 5, 10) if s * 10**power >= rough)
    first = math.ceil(start / step)
    at = [float(i * step) for i in range(first, math.floor(end / step) + 1)]
    digits = max(0, 6 - math.floor(math.log10(step)))
    return at, [f"{position / 1e6:,.{digits}f}" for position in at]
