"""Are rare tasks as well predicted as common ones: scores by number of training positives."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucleotides.analyze.report import numbers
from nucleotides.analyze.report.canvas import (
    INK,
    MUTED,
    TEXT,
    axes,
    canvas,
    dots,
    grid,
    say_nothing_is_defined,
    set_ticks,
    write,
)
from nucleotides.analyze.report.key import assay_key, draw_key, key_height
from nucleotides.analyze.report.tables import Row, Table
from nucleotides.analyze.report.theme import LIGHT

THIRDS = ("head", "medium", "tail")
_HIGH = 220.0
Floats = NDArray[np.float64]


def thirds(positives: NDArray[np.integer]) -> list[NDArray[np.intp]]:
    """Rows of the head, medium and tail tasks: as many each as can be, most positives first.

    Args:
        positives: (tasks,) positive bins in the training part.
    """
    return np.array_split(np.argsort(-positives, kind="stable"), len(THIRDS))


def long_tail_table(
    positives: NDArray[np.integer], auroc: Floats, precision: Floats, lift: Floats
) -> Table:
    """Median scores of each third that has a task.

    Args:
        positives: (tasks,) positive bins in the training part.
        auroc, precision, lift: (tasks,) scores on the held-out part; NaN is left out.
    """
    rows = []
    for name, tasks in zip(THIRDS, thirds(positives), strict=True):
        if not len(tasks):
            continue
        most, least = positives[tasks[0]], positives[tasks[-1]]
        between = f"{least:,}" if most == least else f"{least:,} – {most:,}"
        cells = [f"{len(tasks):,}", between, numbers.fixed(_median(auroc[tasks]))]
        cells += [numbers.fixed(_median(precision[tasks])), numbers.times(_median(lift[tasks]))]
        rows.append(Row(name.capitalize(), "", cells))
    names = ("Tasks", "Training positives", "AUROC", "AP", "Lift")
    columns = [(name, True) for name in names]
    return Table([("", 2), ("Median of", 3)], columns, rows)


def _median(values: Floats) -> float | None:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else None


def long_tail_figure(
    positives: NDArray[np.integer],
    auroc: Floats,
    lift: Floats,
    assays: list[str],
    colours: dict[str, str],
    width: float,
) -> Figure:
    """AUROC and lift against training positives, the medium third shaded, medians as lines.

    Args:
        positives: (tasks,) positive bins in the training part.
        auroc, lift: (tasks,) scores on the held-out part; NaN is left out.
        assays: of the tasks.
        colours: of the assays, names of `theme.LIGHT`.
        width: of the figure in CSS pixels; below 600 the panels are stacked.
    """
    narrow = width < 600
    entries = assay_key(colours)
    across = width - 56 if narrow else (width - 112) / 2
    pitch = _HIGH + 88
    high = pitch * (2 if narrow else 1)
    figure = canvas(width, high + key_height(entries, width))
    own = np.array([LIGHT[colours[assay]] for assay in assays])
    panels = (("AUROC (chance 0.5)", auroc), ("lift (chance 1)", lift))
    for i, (title, values) in enumerate(panels):
        left, top = (44, 40 + i * pitch) if narrow else (44 + i * (across + 56), 40.0)
        ax = axes(figure, left, top, across, _HIGH)
        _positives_axis(ax, positives)
        _scores_axis(ax, values, is_lift=i == 1)
        _shade(ax, positives, values, across)
        shown = np.isfinite(values) & ((values > 0) | (i == 0))
        if not shown.any():
            say_nothing_is_defined(ax)
        _dots(ax, np.maximum(positives, 0.5)[shown], values[shown], own[shown])
        write(ax, 0, 1 + 27 / _HIGH, title, transform=ax.transAxes, fontsize=TEXT)
    draw_key(figure, entries, high)
    return figure


def _positives_axis(ax: Axes, positives: NDArray[np.integer]) -> None:
    """Logarithmic, tasks without positives at 0.5 under the tick 0."""
    x = np.maximum(positives, 0.5)
    least, most = (float(x.min()), float(x.max())) if len(x) else (1.0, 10.0)
    ax.set(xscale="log", xlim=(least / 1.4, most * 1.4))
    low, high = ax.get_xlim()
    for parts in ((1,), (1, 3), (1, 2, 5)):
        at = [part * 10.0**p for p in range(10) for part in parts if low <= part * 10.0**p <= high]
        if len(at) >= 3:
            break
    at = at or [most]
    zero = [0.5] * (least < 1)
    set_ticks(ax, "x", zero + at, ["0"] * len(zero) + [_short(tick) for tick in at])
    ax.set_xlabel("positive bins in training", color=MUTED, fontsize=TEXT)


def _short(number: float) -> str:
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


def _scores_axis(ax: Axes, values: Floats, is_lift: bool) -> None:
    finite = values[np.isfinite(values)]
    if not is_lift:
        least = min(0.5, float(finite.min(initial=1)))
        ax.set_ylim(np.floor(least * 10) / 10 - 0.02, 1.02)
        at = [tick / 10 for tick in range(11) if ax.get_ylim()[0] <= tick / 10]
        set_ticks(ax, "y", at, [f"{tick:.1f}" for tick in at])
    else:
        finite = finite[finite > 0]
        ends = float(finite.min(initial=1)) / 1.3, float(finite.max(initial=2)) * 1.3
        ax.set(yscale="log", ylim=ends)
        parts = (1, 2, 5) if ends[1] < 300 * ends[0] else (1,)
        ticks = [part * 10.0**p for p in range(-3, 6) for part in parts]
        at = [tick for tick in ticks if ends[0] <= tick <= ends[1]]
        set_ticks(ax, "y", at, [f"{tick:g}×" for tick in at])
    grid(ax, "y")
    ax.axhline(1 if is_lift else 0.5, color=MUTED, linewidth=0.8, dashes=(2, 2), zorder=1)


def _shade(ax: Axes, positives: NDArray[np.integer], values: Floats, across: float) -> None:
    """The medium third, the median of every third, and their names where there is room."""
    low, high = ax.get_xlim()
    groups = [tasks for tasks in thirds(positives) if len(tasks)]
    x = np.maximum(positives, 0.5)
    cuts = [np.sqrt(x[a[-1]] * x[b[0]]) for a, b in pairwise(groups)]
    edges = [high, *cuts, low]
    for name, tasks, right, left in zip(THIRDS, groups, edges, edges[1:], strict=False):
        if name == "medium":
            ax.axvspan(left, right, color=LIGHT["band"], linewidth=0, zorder=0)
        if (middle := _median(values[tasks])) is not None:
            ax.hlines(middle, left, right, color=INK, linewidth=1.2, zorder=2.5)
        if np.log(right / left) / np.log(high / low) * across >= 52:
            write(ax, np.sqrt(left * right), 1 + 8 / _HIGH, name, ha="center", color=MUTED,
                  transform=ax.get_xaxis_transform())  # fmt: skip


def _dots(ax: Axes, x: Floats, y: Floats, colours: NDArray[np.str_]) -> None:
    size = float(np.clip(60 / np.sqrt(max(len(x), 1)), 2, 7))
    for colour in dict.fromkeys(colours.tolist()):
        own = colours == colour
        dots(ax, x[own], y[own], colour, size, zorder=3)
