"""Which tasks are alike as measured and as predicted, as two heat maps in one order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucleotides.analyze.report import choose
from nucleotides.analyze.report.canvas import (
    MUTED,
    SMALL,
    TEXT,
    axes,
    canvas,
    set_ticks,
    write,
)
from nucleotides.analyze.report.key import assay_key, draw_key, key_height
from nucleotides.analyze.report.theme import LIGHT

MOST = 120
_STRIP, _TOP = 7.0, 26.0
# Nothing is transparent, so that it is the page's own colour; the rest stands out on white and
# on black alike.
_SHADES = LinearSegmentedColormap.from_list(
    "similarity",
    [
        (0.0, (0.16, 0.52, 0.80, 0.0)),
        (0.35, (0.16, 0.52, 0.80, 0.70)),
        (0.65, (0.55, 0.36, 0.78, 1.0)),
        (1.0, (0.90, 0.36, 0.16, 1.0)),
    ],
)


def triangle_correlation(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Pearson correlation of two similarities over all pairs of tasks that both know.

    Args:
        one, other: (tasks, tasks) symmetric; only what lies above the diagonal counts.

    Returns:
        A number from -1 to 1; NaN for fewer than two pairs, or where one does not vary.
    """
    above = np.triu_indices(len(one), 1)
    x, y = (np.asarray(values, dtype=np.float64)[above] for values in (one, other))
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if len(x) < 2 or not np.ptp(x) or not np.ptp(y):
        return float("nan")
    return float(np.corrcoef(x, y)[0][1])


def shown_tasks(order: Sequence[int] | NDArray[np.integer]) -> NDArray[np.integer]:
    """At most `MOST` of the tasks, evenly spaced in their order."""
    places = np.asarray(order)
    if len(places) <= MOST:
        return places
    spaced: NDArray[np.integer] = places[np.linspace(0, len(places) - 1, MOST).round().astype(int)]
    return spaced


def similarity_figure(
    measured: NDArray[np.floating],
    predicted: NDArray[np.floating],
    order: Sequence[int] | NDArray[np.integer],
    names: Sequence[str],
    assays: Sequence[str],
    colours: dict[str, str],
    width: float,
    titles: tuple[str, str] = ("as measured", "as predicted"),
) -> Figure:
    """Two heat maps side by side, or one above the other on a narrow screen.

    One scale from 0 to 1 serves both; what is negative or NaN looks like 0. At most `MOST`
    tasks are drawn (`shown_tasks`), each with its name where a row has room for it.

    Args:
        measured, predicted: (tasks, tasks) similarities, 1 for equal tasks.
        order: the tasks as the rows and columns show them.
        names: of the tasks.
        assays: of the tasks.
        colours: of the assays, names of `theme.LIGHT`.
        width: of the figure in CSS pixels; below 600 the maps are stacked.
        titles: above the two maps.
    """
    shown = shown_tasks(order)
    narrow = width < 600
    margin = 118.0 if narrow else 150.0
    side = _side(width, margin, narrow)
    named = side / max(len(shown), 1) >= 9
    if not named:
        margin, side = 0.0, _side(width, 0, narrow)
    entries = assay_key(colours)
    down = _TOP + side + 18
    high = down * (2 if narrow else 1)
    figure = canvas(width, high + 34 + key_height(entries, width))
    for i, values in enumerate((measured, predicted)):
        left = margin + _STRIP + 4 + (0 if narrow else i * (side + _STRIP + 32))
        top = _TOP + (i * down if narrow else 0)
        _strip(figure, left, top, side, [colours[assays[task]] for task in shown])
        ax = _heat(figure, left, top, side, values[np.ix_(shown, shown)], titles[i])
        if named and (narrow or i == 0):
            _name_rows(ax, [names[task] for task in shown], side, 18 if narrow else 24)
    _scale(figure, high + 2)
    draw_key(figure, entries, high + 30)
    return figure


def _side(width: float, margin: float, narrow: bool) -> float:
    room = width - margin - _STRIP - 6
    return room if narrow else (room - _STRIP - 32) / 2


def _heat(
    figure: Figure, left: float, top: float, side: float, values: NDArray[np.floating], title: str
) -> Axes:
    ax = axes(figure, left, top, side, side)
    shades = (np.clip(np.nan_to_num(values), 0, 1) * 63).round() / 63
    ax.imshow(shades, cmap=_SHADES, vmin=0, vmax=1, interpolation="none", aspect="auto")
    for spine in ax.spines.values():
        spine.set_visible(True)
    for axis in ("x", "y"):
        set_ticks(ax, axis, [], [])
    write(ax, 0, 1 + 12 / side, title, transform=ax.transAxes, fontsize=TEXT)
    return ax


def _strip(figure: Figure, left: float, top: float, side: float, colours: list[str]) -> None:
    """The colour of each row's assay, rows of one colour as one piece."""
    ax = axes(figure, left - _STRIP - 4, top, _STRIP, side)
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(len(colours), 0))
    begins = [i for i, colour in enumerate(colours) if i == 0 or colour != colours[i - 1]]
    for begin, end in zip(begins, [*begins[1:], len(colours)], strict=True):
        ax.axhspan(begin, end, color=LIGHT[colours[begin]], linewidth=0)


def _name_rows(ax: Axes, names: list[str], side: float, letters: int) -> None:
    size = min(SMALL, side / len(names) * 0.92)
    for row, name in enumerate(names):
        x = -(_STRIP + 8) / side
        label = choose.elide(name, letters)
        write(ax, x, row, label, transform=ax.get_yaxis_transform(), ha="right", fontsize=size)


def _scale(figure: Figure, top: float) -> None:
    ax = axes(figure, 60, top + 4, 120, 8)
    ax.imshow([np.linspace(0, 1, 32)], cmap=_SHADES, aspect="auto", interpolation="none")
    ax.set_axis_off()
    for x, label, side in ((-0.05, "0", "right"), (1.05, "1", "left")):
        write(ax, x, 0.5, label, transform=ax.transAxes, ha=side, color=MUTED)
    write(ax, -0.14, 0.5, "alike", transform=ax.transAxes, ha="right", color=MUTED)
