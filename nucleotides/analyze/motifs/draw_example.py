"""Windows in which the patterns of a task are seen, around the site that contributes most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from nucleotides.explain.coordinates import Coordinates
from nucleotides.explain.draw_logo import draw_logo
from nucleotides.explain.find_motifs import TaskMotifs
from nucleotides.genome import one_hot

EXAMPLES, STRETCH, STEP = 3, 120, 8.9
"""Windows of a task; bases of each that are drawn; CSS pixels of a base."""
_HEIGHT, _BARS, _EVERY = 84.0, 20.0, 20


@dataclass(frozen=True)
class Example:
    """A window's contributions as letters, patterns marked below.

    place: what the window is called; bases: which of it are drawn; tallest: the height of the
    tallest letter.
    """

    place: str
    bases: str
    tallest: str
    drawing: Markup


class Mark(NamedTuple):
    """Where a pattern's core lies in a window (0-based, half-open)."""

    start: int
    end: int
    label: str


def choose_examples(found: TaskMotifs) -> list[Example]:
    """The windows whose patterns contribute most: up to three."""
    weight = np.zeros(len(found.codes))
    contributions = found.contributions
    for pattern in found.patterns:
        for window, start, end, _ in pattern.sites.to_numpy().tolist():
            weight[window] += abs(contributions[window, start:end].sum())
    best = [int(i) for i in np.argsort(-weight, kind="stable")[:EXAMPLES] if weight[i] > 0]
    return [_example(found, i) for i in best]


def _example(found: TaskMotifs, window: int) -> Example:
    """The stretch whose middle is the site that contributes most."""
    marks, contributions = _marks(found, window), found.contributions[window]
    whole = Coordinates(0, contributions.size)
    whole = found.coordinates[window] if found.coordinates else whole
    best = max(marks, key=lambda mark: abs(contributions[mark.start : mark.end].sum()))
    last = max(whole.end - whole.start - STRETCH, 0)
    first = min(max((best.start + best.end - STRETCH) // 2, 0), last)
    shown = slice(first, min(first + STRETCH, whole.end - whole.start))
    at, codes = whole.part(shown), found.codes[window, shown]
    heights = (one_hot(codes) * (codes < 4) * contributions[shown]).T
    place = found.places[window] if found.places else f"window {window + 1}"
    what = f"contributions along {place}, {at.told}"
    logo = draw_logo(heights, what, width=STEP * len(heights), height=_HEIGHT)
    inside = [mark for mark in marks if mark.start >= shown.start and mark.end <= shown.stop]
    drawing = Markup(logo) + _draw_ticks(at) + _draw_marks(inside, first, STEP * len(heights))
    tallest = f"{np.abs(contributions[shown]).max():.2g}"
    return Example(place, "; ".join(filter(None, (at.told, at.beyond))), tallest, drawing)


def _marks(found: TaskMotifs, window: int) -> list[Mark]:
    """By start."""
    marks = []
    for pattern in found.patterns:
        core, sites = pattern.core(), pattern.sites
        for _, start, end, strand in sites[sites["window"] == window].to_numpy().tolist():
            first = end - core.stop if strand == "-" else start + core.start
            label = f"{pattern.name} {'−' if strand == '-' else '+'}"
            marks.append(Mark(first, first + core.stop - core.start, label))
    return sorted(marks)


def _draw_ticks(at: Coordinates) -> Markup:
    """Positions below the letters."""
    size = at.end - at.start
    ticks = "".join(
        f'<path class="tick" d="M{x:g} 0v4"/><text x="{x:g}" y="15" text-anchor="middle">'
        f"{number:,}</text>"
        for base, number in at.ticks(_EVERY)
        for x in [STEP * (base + 0.5)]
        if 3 < base < size - 4
    )
    return _drawing("ticks", STEP * size, 18, ticks)


def _draw_marks(marks: list[Mark], first: int, width: float) -> Markup:
    """A bar with a name below each; those that would overlap have their own lines."""
    bars, ends = list[str](), list[float]()
    for mark in marks:
        x, across = (mark.start - first) * STEP, (mark.end - mark.start) * STEP
        line = next((i for i, end in enumerate(ends) if end <= x), len(ends))
        ends[line : line + 1] = [x + max(across, 7.0 * len(mark.label))]
        y = 4 + _BARS * line
        bars.append(
            f'<rect x="{x:g}" y="{y:g}" width="{across:g}" height="3"/>'
            f'<text x="{x:g}" y="{y + 14:g}">{mark.label}</text>'
        )
    return _drawing("marks", width, _BARS * len(ends) + 4, "".join(bars))


def _drawing(kind: str, width: float, height: float, content: str) -> Markup:
    return Markup(
        f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" aria-hidden="true">{content}</svg>'
    )
