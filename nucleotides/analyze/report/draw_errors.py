"""How far the probabilities of every task are off, before and after calibration."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucleotides.analyze.report.canvas import (
    MUTED,
    TEXT,
    axes,
    canvas,
    dots,
    grid,
    say_nothing_is_defined,
    segments,
    set_ticks,
    write,
)
from nucleotides.analyze.report.key import assay_key, draw_key, key_height
from nucleotides.analyze.report.theme import LIGHT

_TOP, _HIGH = 26.0, 220.0
Floats = NDArray[np.float64]


def error_figure(
    before: Floats,
    after: Floats,
    groups: dict[str, list[int]],
    colours: dict[str, str],
    width: float,
) -> Figure:
    """Expected calibration error of every task before (hollow) and after (filled), joined.

    Args:
        before, after: (tasks,) errors, shares between 0 and 1; NaN leaves a task out.
        groups: the tasks of each assay; within one, the largest error before comes first.
        colours: of the assays, names of `theme.LIGHT`.
        width: of the figure in CSS pixels.
    """
    entries = assay_key(groups)
    figure = canvas(width, _TOP + _HIGH + 30 + key_height(entries, width))
    ax = axes(figure, 46, _TOP, width - 56, _HIGH)
    both = np.stack([before, after])
    known = np.isfinite(before) & np.isfinite(after)
    floor = _error_axis(ax, both[:, known])
    left = 0
    for assay, rows in groups.items():
        tasks = sorted((row for row in rows if known[row]), key=lambda row: -before[row])
        _joined(ax, left, np.maximum(both[:, tasks], floor), LIGHT[colours[assay]], len(known))
        left += len(tasks) + bool(tasks) * max(1, len(known) // 40)
    ax.set_xlim(-1, max(left, 1))
    set_ticks(ax, "x", [], [])
    title = "expected calibration error"
    write(ax, 0, 1 + 13 / _HIGH, title, transform=ax.transAxes, fontsize=TEXT)
    write(ax, 0, -10 / _HIGH, "tasks", transform=ax.transAxes, color=MUTED)
    draw_key(figure, entries, _TOP + _HIGH + 22)
    return figure


def _error_axis(ax: Axes, errors: Floats) -> float:
    """A logarithmic axis for the errors; its lower end, where errors of 0 lie."""
    if not errors.size:
        say_nothing_is_defined(ax)
    floor = max(float(errors.min()), 1e-6) if errors.size else 1e-3
    ax.set(yscale="log", ylim=(floor / 1.3, 1.3 * float(errors.max(initial=10 * floor))))
    _percent_ticks(ax)
    grid(ax, "y")
    return floor


def _percent_ticks(ax: Axes) -> None:
    low, high = ax.get_ylim()
    powers = range(-6, 1)
    at = [part * 10.0**p for p in powers for part in (1, 2, 5) if low <= part * 10.0**p <= high]
    if len(at) > 7:
        at = [tick for tick in at if f"{tick:e}".startswith("1")]
    set_ticks(ax, "y", at, [f"{100 * tick:.4g}%" for tick in at])


def _joined(ax: Axes, left: int, errors: Floats, colour: str, tasks: int) -> None:
    x = left + np.arange(errors.shape[1])
    size = float(np.clip(60 / np.sqrt(max(tasks, 1)), 1.6, 6))
    ends = (np.stack([x, values], axis=1) for values in errors)
    segments(ax, *ends, edgecolor=colour, linewidth=size / 5, alpha=0.6)
    dots(ax, x, errors[0], colour, size, zorder=2)
    dots(ax, x, errors[0], LIGHT["paper"], size * 0.62, zorder=2.1)
    dots(ax, x, errors[1], colour, size, zorder=3)
