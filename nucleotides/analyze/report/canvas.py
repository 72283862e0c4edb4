"""A matplotlib figure laid out in CSS pixels, with the report's axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import NullLocator

from nucleotides.analyze.report.theme import LIGHT

INK, MUTED, RULE, GRID = (LIGHT[name] for name in ("ink", "muted", "rule", "grid"))
SMALL, TEXT = 10.0, 11.0


def canvas(width: float, height: float) -> Figure:
    """A transparent figure of `width` by `height` CSS pixels (at 72 dots an inch)."""
    figure = Figure(figsize=(width / 72, height / 72), dpi=72)
    figure.patch.set_visible(False)
    return figure


def axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place given in pixels from the top left corner, with a bare frame."""
    across, down = (float(inches) * 72 for inches in figure.get_size_inches())
    box = (left / across, 1 - (top + height) / down, width / across, height / down)
    ax = figure.add_axes(box)
    ax.patch.set_visible(False)
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(RULE)
        spine.set_linewidth(0.8)
    ax.tick_params(colors=MUTED, labelcolor=MUTED, labelsize=SMALL, length=3, width=0.8)
    ax.tick_params(axis="y", length=0)
    return ax


def left_edge(ax: Axes, inset: float = 0.0) -> float:
    """The left edge of the figure, moved right by a share `inset` of the margin, in axes units."""
    place = ax.get_position()
    return float(-place.x0 / place.width * (1 - inset))


def write(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Text taken literally: a $ in a task's name is a dollar."""
    style = {"fontsize": SMALL, "color": INK, "va": "center", **style}
    ax.text(x, y, text, parse_math=False, **style)


def say_nothing_is_defined(ax: Axes) -> None:
    """Words in the middle of axes that would be empty."""
    write(ax, 0.5, 0.5, "not defined for any task", transform=ax.transAxes, ha="center",
          color=MUTED)  # fmt: skip


def set_ticks(ax: Axes, axis: str, at: Sequence[float], labels: Sequence[str]) -> None:
    """Exactly these ticks on the "x" or "y" axis, and no minor ones."""
    which = ax.xaxis if axis == "x" else ax.yaxis
    which.set_ticks(list(at), list(labels))
    which.set_minor_locator(NullLocator())


def grid(ax: Axes, axis: str) -> None:
    """Faint lines at the ticks of the "x" axis, the "y" axis, or "both"."""
    ax.set_axisbelow(True)
    ax.grid(visible=True, axis=axis, color=GRID, linewidth=0.8)  # type: ignore[arg-type]


def dots(ax: Axes, x: Any, y: Any, colour: str, size: float, **style: Any) -> None:
    """Filled dots of `size` pixels as one path of round-capped points: few bytes a dot in SVG."""
    place = np.stack([x, y], axis=1).astype(float)
    segments(ax, place, place, edgecolor=colour, linewidth=size, capstyle="round", **style)


def segments(ax: Axes, begin: Any, end: Any, **style: Any) -> None:
    """Lines from `begin` (n, 2) to `end` (n, 2), in data coordinates, as one path."""
    places = np.stack([begin, end], axis=1).reshape(-1, 2)
    path = Path(places, np.tile([Path.MOVETO, Path.LINETO], len(places) // 2))
    path.should_simplify = False  # or matplotlib drops what has no length
    patch = PathPatch(path, fill=False, **style)
    ax.add_artist(patch)
    patch.set_clip_on(False)
