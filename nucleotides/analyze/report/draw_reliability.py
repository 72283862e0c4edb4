"""How often what is predicted comes true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucleotides.analyze.report import choose, numbers
from nucleotides.analyze.report.canvas import (
    INK,
    MUTED,
    RULE,
    SMALL,
    TEXT,
    axes,
    canvas,
    grid,
    set_ticks,
    write,
)
from nucleotides.analyze.report.theme import LIGHT

LEAST = 1e-4
TASKS = 7
_POOLS = 12
Floats = NDArray[np.float64]


class Reliability(Protocol):
    """Windows of each task in groups by their probability; NaN where a group is empty.

    Attributes:
        expected, observed: (tasks, groups) mean probability and share of positives.
        windows: (tasks, groups) how many.
        low, high: (tasks, groups) interval of `observed`.
    """

    @property
    def expected(self) -> Floats: ...
    @property
    def observed(self) -> Floats: ...
    @property
    def windows(self) -> Floats: ...
    @property
    def low(self) -> Floats: ...
    @property
    def high(self) -> Floats: ...


def pool(groups: Reliability, edges: Floats) -> tuple[Floats, Floats]:
    """Expected and observed shares over all tasks, between `edges` of the expected one.

    Args:
        groups: of every task.
        edges: (pools + 1,) rising; what lies outside joins the outermost.

    Returns:
        Two arrays (pools,), NaN where no window is.
    """
    held = np.isfinite(groups.expected) & np.isfinite(groups.observed) & (groups.windows > 0)
    expected, observed, windows = (
        np.asarray(x, dtype=np.float64)[held]
        for x in (groups.expected, groups.observed, groups.windows)
    )
    pools = len(edges) - 1
    at = np.clip(np.searchsorted(edges, expected, side="right") - 1, 0, pools - 1)
    total = np.bincount(at, windows, pools).astype(np.float64)
    sums = [np.bincount(at, windows * x, pools) for x in (expected, observed)]
    total[total == 0] = np.nan
    return sums[0] / total, sums[1] / total


def reliability_figure(
    before: Reliability,
    after: Reliability,
    names: Sequence[str],
    colours: Sequence[str],
    picks: Sequence[int],
    width: float,
) -> Figure:
    """Observed frequency against predicted probability: all tasks pooled, then a few by task.

    Hollow is before calibration, filled after it, with the intervals of the latter. Both axes
    are logarithmic and end at `LEAST`, where all that is lower lies.

    Args:
        before, after: groups of every task.
        names: of the tasks.
        colours: of the tasks, names of `theme.LIGHT`.
        picks: rows of the tasks to show.
        width: of the figure in CSS pixels; below 600 there are two panels in a row, else four.
    """
    columns = 2 if width < 600 else 4
    pitch = width / columns
    side = pitch - 44
    rows = -(-(len(picks) + 1) // columns)
    figure = canvas(width, rows * (side + 62) + 14)
    edges = np.geomspace(LEAST, 1, _POOLS + 1)
    for i in range(len(picks) + 1):
        row, column = divmod(i, columns)
        ax = _square(figure, 34 + column * pitch, 26 + row * (side + 62), side)
        letters = int(side / 7)
        if i == 0:
            points = (pool(before, edges), pool(after, edges))
            _curve(ax, *points, INK)
            _title(ax, f"all {numbers.counted(len(names), 'task')}", letters)
            continue
        task = picks[i - 1]
        one = tuple((g.expected[task], g.observed[task]) for g in (before, after))
        _interval(ax, after, task, LIGHT[colours[task]])
        _curve(ax, one[0], one[1], LIGHT[colours[task]])
        _title(ax, names[task], letters)
    words = "across: predicted probability; up: observed frequency"
    bottom = 4 / (float(figure.get_size_inches()[1]) * 72)
    figure.text(0.5, bottom, words, ha="center", va="bottom", fontsize=TEXT, color=MUTED)
    return figure


def _square(figure: Figure, left: float, top: float, side: float) -> Axes:
    ax = axes(figure, left, top, side, side)
    ends = (LEAST * 0.7, 1.4)
    ax.set(xscale="log", yscale="log", xlim=ends, ylim=ends)
    at, words = [1e-4, 1e-3, 1e-2, 0.1, 1.0], ["0.01%", "0.1%", "1%", "10%", "100%"]
    few = slice(None, None, 2 if side < 170 else 1)
    set_ticks(ax, "x", at[few], words[few])
    set_ticks(ax, "y", at, words)
    ax.tick_params(labelsize=SMALL - 1.5)
    ax.tick_params(axis="y", pad=1)
    grid(ax, "both")
    ax.plot(ends, ends, color=RULE, linewidth=1, zorder=1)
    return ax


def _title(ax: Axes, words: str, letters: int) -> None:
    y = 1 + 11 / (ax.get_position().height * ax.get_figure(root=True).bbox.height)  # type: ignore[union-attr]
    write(ax, 0, y, choose.elide(words, letters), transform=ax.transAxes, fontsize=TEXT)


def _curve(
    ax: Axes, before: tuple[Floats, Floats], after: tuple[Floats, Floats], colour: str
) -> None:
    for (expected, observed), face in ((before, LIGHT["paper"]), (after, colour)):
        x, y = (np.maximum(values, LEAST) for values in (expected, observed))
        shown = np.isfinite(x) & np.isfinite(y)
        order = np.argsort(x[shown], kind="stable")
        x, y = x[shown][order], y[shown][order]
        ax.plot(x, y, color=colour, linewidth=0.9, alpha=0.55, zorder=2)
        ax.plot(x, y, "o", color=colour, markerfacecolor=face, markersize=5, zorder=3,
                markeredgewidth=1.1)  # fmt: skip


def _interval(ax: Axes, groups: Reliability, task: int, colour: str) -> None:
    x, low, high = (
        np.maximum(values[task], LEAST) for values in (groups.expected, groups.low, groups.high)
    )
    shown = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
    ax.vlines(x[shown], low[shown], high[shown], color=colour, linewidth=1.6, alpha=0.45)
