"""What the page says and draws of a sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from nucleotides.analyze.explanations.draw_heatmap import as_address, as_pixels, draw_heatmap
from nucleotides.analyze.explanations.keep_explanations import Stored
from nucleotides.analyze.report.svg import inline
from nucleotides.explain.draw_logo import draw_logo
from nucleotides.genome import one_hot

STRETCH = 120
"""Bases of which letters are shown."""
_STEP, _HEIGHT, _CELL, _LINE, _LETTER = 8.9, 96.0, 12.0, 18.0, 7.4
_BINS, _STRIP = 1000, 56.0
_CORE, _WEAK = 20, 0.25
_MOST_PREDICTED = 8


@dataclass(frozen=True)
class Predicted:
    """A task's prediction, in words and as a part of a bar."""

    task: str
    probability: str
    percent: str


@dataclass(frozen=True)
class Drawn:
    """A task's part of a sequence.

    whole: all contributions; stretch: the strongest `STRETCH` bases as letters, exchanges and
    seqlets with names; tallest: height of the tallest letter; where: which bases these are;
    files: names and addresses.
    """

    task: str
    whole: Markup
    stretch: Markup
    tallest: str
    where: str
    gap: str
    files: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Described:
    """A sequence."""

    where: str
    name: str
    note: str
    length: str
    predicted: list[Predicted]
    drawn: list[Drawn]
    heatmap: tuple[Markup, Markup] | None
    files: list[tuple[str, str]] = field(default_factory=list)


class Sites:
    """Seqlets of a task by sequence, with names; `find` gives those of one."""

    def __init__(self, seqlets: pd.DataFrame, names: Sequence[str]) -> None:
        self._table = seqlets.assign(name=list(names))

    def find(self, row: int, first: int, end: int) -> pd.DataFrame:
        """Those within, by their start, that have a quarter of the strongest's sum or more."""
        table = self._table[self._table["window"] == row]
        strong = table["score"].abs() >= _WEAK * table["score"].abs().max()
        inside = (table["start"] >= first) & (table["end"] <= end)
        found: pd.DataFrame = table[strong & inside].sort_values("start")
        return found


def strongest(contributions: NDArray[np.floating], width: int = STRETCH) -> slice:
    """`width` bases around the `_CORE` whose contributions are largest by size."""
    length = contributions.size
    if length <= width:
        return slice(0, length)
    size = np.abs(contributions).astype(np.float64)
    core = int(np.convolve(size, np.ones(_CORE), mode="valid").argmax())
    first = min(max(core + _CORE // 2 - width // 2, 0), length - width)
    return slice(first, first + width)


def describe_predictions(stored: Stored, row: int) -> list[Predicted]:
    """The tasks that are predicted most, the first first."""
    chosen = np.argsort(-stored.probability[row], kind="stable")[:_MOST_PREDICTED]
    return [
        Predicted(stored.tasks[i], f"{p:.3f}", f"{100 * p:.1f}")
        for i in chosen.tolist()
        for p in [float(stored.probability[row, i])]
    ]


def draw_task(stored: Stored, row: int, task: int, sites: Sites) -> Drawn:
    """A task's part: the whole sequence as a strip, its strongest stretch as letters."""
    contributions = stored.contributions(row, task)
    shown = strongest(contributions)
    name, first = stored.tasks[task], first_position(stored, row)
    what = f"contributions to {name} along {stored.facts['name'].iloc[row]}"
    codes = stored.codes(row)[shown]
    heights = (one_hot(codes) * (codes < 4) * contributions[shown]).T
    letters = draw_logo(heights, what, width=_STEP * len(heights), height=_HEIGHT)
    axis = _draw_below(stored.values(row, task)[:, shown], codes, first + shown.start, name)
    marks = _mark(sites.find(row, shown.start, shown.stop), shown.start, len(heights))
    gap = float(stored.gap[row, task])
    return Drawn(
        name,
        Markup(draw_strip(contributions, shown, what)),
        Markup('<div class="letters">') + Markup(letters) + marks + axis + Markup("</div>"),
        f"{np.abs(contributions).max():.2g}",
        f"{first + shown.start:,} to {first + shown.stop:,}",
        "" if np.isnan(gap) else f"{gap:+.2g}",
    )


def first_position(stored: Stored, row: int) -> int:
    """The number of a sequence's first base: on the genome if it is read forward there, else 0."""
    facts = stored.facts
    if "chrom" not in facts or facts["strand"].iloc[row] == "-":
        return 0
    return int(facts["start"].iloc[row])


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


def _draw_below(
    values: NDArray[np.floating], codes: NDArray[np.uint8], first: int, task: str
) -> Markup:
    """What each base does at each position, the bases that are there ringed; and positions."""
    width, height = _STEP * codes.size, 4 * _CELL
    rows = "".join(
        f'<text x="-6" y="{_CELL * (i + 0.5) + 4:g}" text-anchor="end">{base}</text>'
        for i, base in enumerate("ACGT")
    )
    own = "".join(
        f"M{_STEP * i:g} {_CELL * code:g}h{_STEP:g}v{_CELL:g}h-{_STEP:g}z"
        for i, code in enumerate(codes.tolist())
        if code < 4
    )
    ticks = "".join(
        f'<path class="tick" d="M{_STEP * (i + 0.5):g} {height:g}v4"/>'
        f'<text x="{_STEP * (i + 0.5):g}" y="{height + 17:g}" text-anchor="middle">'
        f"{first + i:,}</text>"
        for i in range(codes.size)
        if (first + i) % 20 == 0 and 3 < i < codes.size - 3
    )
    return Markup(
        f'<svg class="below" viewBox="-16 0 {width + 16:g} {height + 20:g}" '
        f'width="{width + 16:g}" height="{height + 20:g}" role="img" '
        f'aria-label="each base at each position, {Markup.escape(task)}">'
        f'<image href="{as_address(as_pixels(values))}" width="{width:g}" height="{height:g}" '
        f'preserveAspectRatio="none"/><path class="own" d="{own}"/>{rows}{ticks}</svg>'
    )


def _mark(sites: pd.DataFrame, first: int, length: int) -> Markup:
    """A bar below each seqlet, with its name; those that overlap on lines of their own."""
    bars, ends = list[str](), list[float]()
    rows: Iterator[Any] = sites.itertuples()
    for site in rows:
        x, across = (site.start - first) * _STEP, (site.end - site.start) * _STEP
        words = _LETTER * len(site.name)
        at = min(x, _STEP * length - words)
        line = next((i for i, end in enumerate(ends) if end <= at), len(ends))
        ends[line : line + 1] = [max(x + across, at + words) + _LETTER]
        y = 3 + _LINE * line
        kind = "raises" if site.score > 0 else "lowers"
        bars.append(
            f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{across:g}" height="3"/>'
            f'<text x="{at:g}" y="{y + 14:g}">{Markup.escape(site.name)}</text>'
        )
    width, height = _STEP * length, _LINE * len(ends) + 6
    return Markup(
        f'<svg class="marks" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}">{"".join(bars)}</svg>'
    )


def draw_tasks(stored: Stored, row: int, number: int) -> tuple[Markup, Markup] | None:
    """Tasks by positions, for wide and narrow screens; None of one or two tasks."""
    if len(stored.tasks) < 3:
        return None
    contributions, first = stored.contributions(row), first_position(stored, row)
    what = f"contributions of {stored.facts['name'].iloc[row]}, tasks by positions"
    wide, narrow = (
        Markup(
            inline(
                draw_heatmap(contributions, stored.tasks, first, width),
                f"tasks{number}at{width:g}",
                what,
            )
        )
        for width in (1080.0, 358.0)
    )
    return wide, narrow
