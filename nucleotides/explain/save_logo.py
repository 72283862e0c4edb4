"""A logo as a file that stands by itself: title, positions and a scale."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.explain.coordinates import Coordinates
from nucleotides.explain.draw_logo import COLOURS, draw_logo, glyph, reach, stack
from nucleotides.files import replacing

_INK, _LINE = "#3d444d", "#8b949e"
_LEFT, _TOP, _BOTTOM, _RIGHT = 58.0, 26.0, 38.0, 16.0
_LETTER = 6.6
"""CSS pixels, about, of a letter of the title."""
_EVERY = 20


def save_logo(
    path: Path,
    heights: NDArray[Any],
    title: str = "",
    *,
    coordinates: Coordinates | None = None,
    scale: str = "contribution",
    limits: tuple[float, float] | None = None,
    width: float | None = None,
) -> Path:
    """A logo as a file, whole or not at all: SVG as drawn here, PNG and PDF by matplotlib.

    Args:
        path: its ending tells what is written.
        heights: as of `draw_logo`.
        title: above it.
        coordinates: of the letters; by default they are numbered from 0.
        scale: what heights are.
        limits: lowest and highest, where several logos share a scale.
        width: of the letters of an SVG, in CSS pixels.

    Raises:
        OutOfSpaceError: the disk is full.
    """
    array = np.asarray(heights, np.float64)
    at = coordinates or Coordinates(0, len(array))
    ends = limits or reach(array)
    with replacing(path) as temporary:
        if path.suffix == ".svg":
            text = _frame(array, title, at, scale, ends, width or min(14.0 * len(array), 1000.0))
            temporary.write_text(text, encoding="utf-8")
        else:
            figure = _figure(array, title, at, scale, ends)
            figure.savefig(temporary, format=path.suffix[1:], dpi=200)
    return path


def _frame(
    heights: NDArray[np.float64],
    title: str,
    at: Coordinates,
    scale: str,
    limits: tuple[float, float],
    width: float,
    height: float = 100.0,
) -> str:
    """`draw_logo` with text and ticks around it."""
    step = width / max(len(heights), 1)
    across = _LEFT + max(width, _LETTER * len(title) - _LEFT) + _RIGHT
    down, bottom = _TOP + height + _BOTTOM, _TOP + height
    letters = draw_logo(heights, title, width=width, height=height, limits=limits)
    placed = letters.replace("<svg ", f'<svg x="{_LEFT:g}" y="{_TOP:g}" overflow="visible" ', 1)
    ticks = "".join(
        f'<path d="M{x:.1f} {bottom:g}v4" stroke="{_LINE}"/>{_text(x, bottom + 15, f"{n:,}")}'
        for base, n in at.ticks(_EVERY)
        for x in [_LEFT + step * (base + 0.5)]
    )
    words = [
        _text(_LEFT, 16, title, "start", 12),
        _text(_LEFT + min(width, 1000.0) / 2, bottom + 31, at.axis),
        f'<g transform="translate(12 {_TOP + height / 2:g}) rotate(-90)">{_text(0, 0, scale)}</g>',
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across:g} {down:g}" '
        f'width="{across:g}" height="{down:g}" font-family="Arial, Liberation Sans, sans-serif">'
        f"<title>{html.escape(title)}</title>{''.join(words)}{_heights(limits, height)}"
        f'<path d="M{_LEFT:g} {bottom:g}h{width:g}" stroke="{_LINE}"/>{ticks}{placed}</svg>'
    )


def _heights(limits: tuple[float, float], height: float) -> str:
    """Numbers at zero, the top and the bottom, and a line along the letters."""
    low, high = limits
    pixels = height / ((high - low) or 1)
    places = {value: _TOP + (high - value) * pixels for value in (0.0, high, low)}
    zero = places[0.0]
    shown = [v for v, y in places.items() if not v or abs(y - zero) > 12]
    numbers = "".join(
        _text(_LEFT - 8, places[value] + 4, f"{value:.2g}", "end")
        + f'<path d="M{_LEFT - 5:g} {places[value]:.1f}h4" stroke="{_LINE}"/>'
        for value in shown
    )
    return f'{numbers}<path d="M{_LEFT - 1:g} {_TOP:g}v{height:g}" stroke="{_LINE}"/>'


def _text(x: float, y: float, words: str, anchor: str = "middle", size: int = 11) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{_INK}">{html.escape(words)}</text>'
    )


def _figure(
    heights: NDArray[np.float64],
    title: str,
    at: Coordinates,
    scale: str,
    limits: tuple[float, float],
) -> Any:
    from matplotlib.figure import Figure
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    figure = Figure(figsize=(min(0.2 * len(heights) + 0.8, 20), 2.0), layout="constrained")
    ax = figure.add_subplot()
    for letter in stack(heights):
        points, kinds = glyph(letter.base)
        y = 1 - points[:, 1] if letter.turned else points[:, 1]
        places = np.column_stack([points[:, 0] + letter.x, y * letter.height + letter.y])
        outline = Outline(places, kinds)
        ax.add_patch(PathPatch(outline, facecolor=COLOURS[letter.base], linewidth=0))
    low, high = limits
    ax.axhline(0, color=_LINE, linewidth=0.75)
    ax.set(xlim=(0, len(heights)), ylim=(low, high if high > low else low + 1))
    ax.set_title(title, fontsize=9, parse_math=False)
    ticks = at.ticks(_EVERY)
    ax.set_xticks([base + 0.5 for base, _ in ticks], [f"{n:,}" for _, n in ticks])
    ax.set_xlabel(at.axis, fontsize=8, parse_math=False)
    ax.set_ylabel(scale, fontsize=8)
    ax.tick_params(labelsize=8)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return figure
