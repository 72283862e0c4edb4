"""Scores of model B against those of model A, a dot a task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator
from numpy.typing import NDArray

from nucleotides.analyze.compare import FALSE_DISCOVERIES
from nucleotides.analyze.report import choose
from nucleotides.analyze.report.canvas import (
    INK,
    MUTED,
    TEXT,
    axes,
    canvas,
    grid,
    set_ticks,
    write,
)
from nucleotides.analyze.report.theme import LIGHT, assay_colours

_LEFT, _RIGHT, _BELOW, _TITLE, _GAP = 56.0, 14.0, 48.0, 34.0, 24.0
_LETTER = 6.2  # pixels across, on average, of small text
_LINE = 18.0


@dataclass(frozen=True)
class _Merit:
    """What one panel shows: values of both models, and which tasks differ surely."""

    title: str
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    surely: NDArray[np.bool_]
    log: bool

    @property
    def drawn(self) -> NDArray[np.bool_]:
        shown = np.isfinite(self.a) & np.isfinite(self.b)
        return shown & (self.a > 0) & (self.b > 0) if self.log else shown


def comparison_figure(
    table: pd.DataFrame,
    assays: Sequence[str],
    width: float,
    names: tuple[str, str] = ("run A", "run B"),
) -> Figure:
    """AUROC and lift of B against A, coloured by assay, filled where q < 0.05 of that score.

    Args:
        table: of a `Comparison`.
        assays: of each row of the table; may be empty words.
        width: of the figure in CSS pixels; below 600 the panels are one above the other.
        names: of models A and B.
    """
    prevalence = table["prevalence"].to_numpy(dtype=float)
    chance = np.where(prevalence > 0, prevalence, np.nan)
    merits = (
        _merit(table, "auroc", "AUROC", 1.0),
        _merit(table, "average_precision", "lift: average precision ÷ prevalence", chance),
    )
    across = 1 if width < 600 else 2
    side = (width - across * (_LEFT + _RIGHT) - (across - 1) * _GAP) / across
    entries = _entries(assays)
    legend, lines = _flow([words for words, *_ in entries], width)
    panel = _TITLE + side + _BELOW
    figure = canvas(width, lines * _LINE + panel * (2 // across))
    _draw_legend(figure, entries, legend)
    for i, merit in enumerate(merits):
        column, row = i % across, i // across
        left = _LEFT + column * (_LEFT + side + _RIGHT + _GAP)
        ax = axes(figure, left, lines * _LINE + _TITLE + row * panel, side, side)
        _draw_panel(ax, merit, assays, names, side)
    return figure


def _merit(table: pd.DataFrame, score: str, title: str, unit: Any) -> _Merit:
    a, b, q = (table[f"{score}_{which}"].to_numpy(dtype=float) for which in ("a", "b", "q"))
    return _Merit(title, a / unit, b / unit, q < FALSE_DISCOVERIES, score != "auroc")


def _draw_panel(
    ax: Axes, merit: _Merit, assays: Sequence[str], names: tuple[str, str], side: float
) -> None:
    low, high = _scale(ax, merit)
    ax.plot([low, high], [low, high], color=MUTED, linewidth=0.8, zorder=1)
    size = 6.5 if len(merit.a) <= 80 else 4.5 if len(merit.a) <= 400 else 3.0
    of_assay = np.array(list(assays), dtype=object)
    for assay, colour in _colours(assays).items():
        for surely in (False, True):
            some = merit.drawn & (of_assay == assay) & (merit.surely == surely)
            ax.plot(merit.a[some], merit.b[some], "o", color=LIGHT[colour], markersize=size,
                    markerfacecolor=LIGHT[colour] if surely else "none",
                    zorder=2 + surely, alpha=0.85)  # fmt: skip
    if not merit.drawn.any():
        _note(ax, 0.5, 0.5, "no task is scored", ha="center")
    a, b = (choose.elide(name, int(side / _LETTER / 1.5)) for name in names)
    place: dict[str, Any] = {"transform": ax.transAxes, "fontsize": TEXT, "ha": "center"}
    write(ax, 0, 1 + 17 / side, merit.title, transform=ax.transAxes, fontsize=TEXT)
    write(ax, 0.5, -36 / side, a, color=MUTED, **place)
    write(ax, -46 / side, 0.5, b, color=MUTED, rotation=90, **place)
    a, b = (choose.elide(name, 18) for name in names)
    _note(ax, 0.02, 0.97, f"{b} is better")
    _note(ax, 0.98, 0.03, f"{a} is better", ha="right")


def _note(ax: Axes, x: float, y: float, words: str, **style: Any) -> None:
    write(ax, x, y, words, transform=ax.transAxes, color=MUTED, **style)


def _scale(ax: Axes, merit: _Merit) -> tuple[float, float]:
    """One scale for both axes, with its ticks; its ends."""
    values = np.concatenate([merit.a[merit.drawn], merit.b[merit.drawn]])
    low, high = (values.min(), values.max()) if len(values) else (1.0, 2.0) if merit.log else (0, 1)
    if merit.log:
        low, high = float(low) / 1.2, float(high) * 1.2
        steps = (1, 2, 5) if high < 300 * low else (1,)
        wide = high > 5 * low
        ticks = (LogLocator(subs=steps) if wide else MaxNLocator(nbins=5)).tick_values(low, high)
        ax.set(xscale="log", yscale="log")
    else:
        spare = max(0.06 * (high - low), 0.005)
        low, high = float(low - spare), float(high + spare)
        ticks = MaxNLocator(nbins=6).tick_values(low, min(high, 1))
    ticks = [float(tick) for tick in ticks if low <= tick <= (high if merit.log else min(high, 1))]
    ax.set(xlim=(low, high), ylim=(low, high))
    for axis in ("x", "y"):
        set_ticks(ax, axis, ticks, [f"{t:g}×" if merit.log else f"{t:g}" for t in ticks])
    grid(ax, "both")
    return low, high


def _colours(assays: Sequence[str]) -> dict[str, str]:
    """Colour of each assay, the most frequent first."""
    return assay_colours(name for name, _ in Counter(assays).most_common())


def _entries(assays: Sequence[str]) -> list[tuple[str, str, bool]]:
    """The legend: words, the colour of their dot, and whether it is filled."""
    dots = [(name or "no assay named", LIGHT[c], True) for name, c in _colours(assays).items()]
    return [*dots, (f"q < {FALSE_DISCOVERIES:g}", INK, True), ("not so sure", INK, False)]


def _flow(entries: Sequence[str], width: float) -> tuple[list[tuple[float, float, str]], int]:
    """Left edge, height and words of each entry, in as many lines as they take."""
    placed, x, line = [], 0.0, 0
    for words in entries:
        words = choose.elide(words, int((width - 20) / _LETTER))
        across = 16 + len(words) * _LETTER + 12
        if x and x + across - 12 > width:
            x, line = 0.0, line + 1
        placed.append((x, (line + 0.5) * _LINE, words))
        x += across
    return placed, line + 1


def _draw_legend(
    figure: Figure, entries: list[tuple[str, str, bool]], places: list[tuple[float, float, str]]
) -> None:
    width, height = (float(inches) * 72 for inches in figure.get_size_inches())
    ax = axes(figure, 0, 0, width, height)
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.set_axis_off()
    for (_, colour, filled), (x, y, words) in zip(entries, places, strict=True):
        ax.plot([x + 5], [y], "o", color=colour, markersize=6,
                markerfacecolor=colour if filled else "none")  # fmt: skip
        write(ax, x + 14, y, words, color=MUTED)
