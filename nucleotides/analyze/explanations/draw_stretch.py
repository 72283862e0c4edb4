"""What stands above and below the letters of a stretch, as SVG of the same width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from nucleotides.analyze.explanations.draw_heatmap import as_address, as_pixels
from nucleotides.explain.coordinates import Coordinates

STEP = 8.9
"""CSS pixels of a position."""
_CELL, _LINE, _LETTER = 12.0, 18.0, 7.4
_BINS, _STRIP, _EVERY = 1000, 56.0, 20


def draw_strip(contributions: NDArray[np.floating], shown: slice, description: str) -> str:
    """All contributions: up what raises, down what lowers; the stretch shown below is marked.

    Of positions that share a pixel, the strongest of either sign.
    """
    length = contributions.size
    edges = np.linspace(0, length, min(length, _BINS) + 1).astype(int)
    high = np.maximum(np.maximum.reduceat(contributions, edges[:-1]), 0)
    low = np.minimum(np.minimum.reduceat(contributions, edges[:-1]), 0)
    scale = _STRIP / ((high.max() - low.min()) or 1)
    zero = high.max() * scale
    width = _BINS / high.size
    paths = [
        f'<path class="{name}" d="M0 {zero:.1f}'
        + "".join(f"V{zero - value * scale:.1f}h{width:g}" for value in side)
        + f'V{zero:.1f}Z"/>'
        for name, side in (("raises", high), ("lowers", low))
    ]
    left, right = (at / length * _BINS for at in (shown.start, shown.stop))
    return (
        f'<svg class="strip" viewBox="0 0 {_BINS} {_STRIP:g}" preserveAspectRatio="none" '
        f'role="img" aria-label="{Markup.escape(description)}"><rect class="zoom" x="{left:.1f}" '
        f'width="{right - left:.1f}" height="{_STRIP:g}"/>{"".join(paths)}</svg>'
    )


def draw_exchanges(
    values: NDArray[np.floating], codes: NDArray[np.uint8], at: Coordinates, task: str
) -> Markup:
    """What each base does at each position, the bases that are there ringed; and positions."""
    width, height = STEP * codes.size, 4 * _CELL
    rows = "".join(
        f'<text x="-6" y="{_CELL * (i + 0.5) + 4:g}" text-anchor="end">{base}</text>'
        for i, base in enumerate("ACGT")
    )
    own = "".join(
        f"M{STEP * i:g} {_CELL * code:g}h{STEP:g}v{_CELL:g}h-{STEP:g}z"
        for i, code in enumerate(codes.tolist())
        if code < 4
    )
    ticks = "".join(
        f'<path class="tick" d="M{STEP * (i + 0.5):g} {height:g}v4"/>'
        f'<text x="{STEP * (i + 0.5):g}" y="{height + 17:g}" text-anchor="middle">'
        f"{number:,}</text>"
        for i, number in at.ticks(_EVERY)
        if 3 < i < codes.size - 3
    )
    return Markup(
        f'<svg class="below" viewBox="-16 0 {width + 16:g} {height + 20:g}" '
        f'width="{width + 16:g}" height="{height + 20:g}" role="img" '
        f'aria-label="each base at each position, {Markup.escape(task)}">'
        f'<image href="{as_address(as_pixels(values))}" width="{width:g}" height="{height:g}" '
        f'preserveAspectRatio="none"/><path class="own" d="{own}"/>{rows}{ticks}</svg>'
    )


def draw_marks(sites: pd.DataFrame, first: int, length: int) -> Markup:
    """A bar below each seqlet, with its name; those that overlap on lines of their own."""
    bars, ends = list[str](), list[float]()
    rows: Iterator[Any] = sites.itertuples()
    for site in rows:
        x, across = (site.start - first) * STEP, (site.end - site.start) * STEP
        words = _LETTER * len(site.name)
        at = min(x, STEP * length - words)
        line = next((i for i, end in enumerate(ends) if end <= at), len(ends))
        ends[line : line + 1] = [max(x + across, at + words) + _LETTER]
        y = 3 + _LINE * line
        kind = "raises" if site.score > 0 else "lowers"
        bars.append(
            f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{across:g}" height="3"/>'
            f'<text x="{at:g}" y="{y + 14:g}">{Markup.escape(site.name)}</text>'
        )
    width, height = STEP * length, _LINE * len(ends) + 6
    return Markup(
        f'<svg class="marks" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}">{"".join(bars)}</svg>'
    )
