"""Logos: letters as high as what they contribute, as SVG."""

from __future__ import annotations

import html
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

BASES = "ACGT"
COLOURS = {"A": "#1a8f3c", "C": "#2f74d0", "G": "#b87a00", "T": "#d9403a"}
"""At least 3:1 against white and against near-black."""
_COMMANDS = {1: "M", 2: "L", 3: "Q", 79: "Z"}  # of matplotlib's kinds of points


class Letter(NamedTuple):
    """A letter's box: left edge and lower edge, up; widths of one position are 1."""

    base: str
    x: float
    y: float
    height: float
    turned: bool


def information(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """Heights of a sequence logo: each base's part of the position's bits, (width, 4).

    Bits over a uniform background (Schneider and Stephens 1990, 10.1093/nar/18.20.6097, without
    their correction for few sequences).
    """
    p = np.clip(np.asarray(probabilities, np.float64), 1e-12, 1)
    return np.asarray(p * (2 + (p * np.log2(p)).sum(axis=1, keepdims=True)))


def stack(heights: NDArray[Any]) -> Iterator[Letter]:
    """Letters of heights (width, 4): from 0 up and from 0 down, the largest outermost."""
    for x, column in enumerate(np.asarray(heights, np.float64)):
        for sign in (1, -1):
            y = 0.0
            for i in np.argsort(column * sign, kind="stable"):
                height = float(column[i] * sign)
                if height > 0:
                    yield Letter(BASES[i], x, y if sign > 0 else -y - height, height, sign < 0)
                    y += height


def reach(heights: NDArray[Any]) -> tuple[float, float]:
    """How far letters go down (<= 0) and up (>= 0)."""
    array = np.asarray(heights, np.float64)
    low = float(np.minimum(array, 0).sum(axis=1).min(initial=0))
    high = float(np.maximum(array, 0).sum(axis=1).max(initial=0))
    return low, high


def draw_logo(
    heights: NDArray[Any],
    description: str,
    *,
    width: float | None = None,
    height: float = 80,
    limits: tuple[float, float] | None = None,
) -> str:
    """An <svg> of letters as paths, which needs no font.

    Letters have the classes A, C, G and T and the baseline the class `zero`, so that a page can
    colour them by its own style; without one they have colours that can be read by day and night.
    Letters that lower the logit stand on their head.

    Args:
        heights: (n, 4), columns A C G T, of either sign.
        description: what is shown, read out by screen readers.
        width, height: CSS pixels; by default 14 a position, up to 1000.
        limits: lowest and highest, where several logos share a scale.
    """
    array = np.asarray(heights, np.float64)
    width = width or min(14.0 * len(array), 1000.0)
    low, high = limits or reach(array)
    scale = height / ((high - low) or 1.0)
    step, zero = width / max(len(array), 1), high * scale
    paths = dict.fromkeys(BASES, "")
    for letter in stack(array):
        if letter.height * scale >= 0.2:  # no one sees less
            paths[letter.base] += _placed(letter, step, scale, zero)
    letters = "".join(
        f'<path class="{base}" fill="{COLOURS[base]}" d="{path}"/>'
        for base, path in paths.items()
        if path
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="logo" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        f'aria-label="{html.escape(description)}"><path class="zero" stroke="#8b949e" '
        f'stroke-width=".75" d="M0 {_short(zero)}H{width:g}"/>{letters}</svg>'
    )


@cache
def glyph(base: str) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """A letter's outline that fills the unit square, and matplotlib's kinds of points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    outline = TextPath(
        (0, 0), base, size=1, prop=FontProperties(family="DejaVu Sans", weight="bold")
    )
    points = np.asarray(outline.vertices, np.float64).copy()
    kinds = np.asarray(outline.codes, np.uint8)
    drawn = points[kinds != outline.CLOSEPOLY]
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    margin = np.array([0.04, 0.0])
    return margin + (1 - 2 * margin) * (points - low) / (high - low), kinds


def _placed(letter: Letter, step: float, scale: float, zero: float) -> str:
    """A letter's outline at its place, as SVG path data."""
    points, kinds = glyph(letter.base)
    y = 1 - points[:, 1] if letter.turned else points[:, 1]
    across = (points[:, 0] + letter.x) * step
    down = zero - (y * letter.height + letter.y) * scale
    out, last = "", 0
    for kind, x, y_down in zip(kinds.tolist(), across.tolist(), down.tolist(), strict=True):
        command = "" if kind == last else _COMMANDS[kind]  # what is repeated goes without saying
        out += command if kind == 79 else f"{command}{_short(x)} {_short(y_down)} "
        last = kind
    return out


def _short(number: float) -> str:
    """To a hundredth of a pixel."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
