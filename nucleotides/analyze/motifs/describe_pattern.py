"""What the report says and draws of a pattern and of a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from nucleotides.explain.discover_motifs import Pattern
from nucleotides.explain.draw_logo import draw_logo, information
from nucleotides.explain.find_motifs import TaskMotifs
from nucleotides.genome import one_hot

EXAMPLES, MARGIN = 3, 2
_AROUND = 10  # bases on either side of the patterns of an example
_STEP, _HEIGHT, _BARS = 7.0, 84.0, 20.0


@dataclass(frozen=True)
class Match:
    """A known motif that a pattern is like."""

    motif: str
    q: str
    strand: str
    overlap: int
    likely: bool


@dataclass(frozen=True)
class Described:
    """A pattern as words, numbers and drawings."""

    name: str
    seqlets: int
    windows: int
    mean: str
    contributions: Markup
    probabilities: Markup
    matches: list[Match]

    @property
    def title(self) -> str:
        """The match that it is likely to be, or that there is none."""
        best = self.matches[0] if self.matches else None
        return best.motif.split(" ", 1)[-1] if best and best.likely else "like no known motif"


@dataclass(frozen=True)
class Example:
    """A window's contributions as a logo, its patterns marked below; bases half-open from 0."""

    place: str
    bases: str
    drawing: Markup


def describe_pattern(found: TaskMotifs, pattern: Pattern) -> Described:
    """Its core and two bases on either side, as contributions and as bits."""
    core, width = pattern.core(), len(pattern.contributions)
    shown = slice(max(core.start - MARGIN, 0), min(core.stop + MARGIN, width))
    what = f"{pattern.name} of {found.task}"
    contributions = pattern.contributions[shown]
    bits = information(pattern.probabilities[shown])
    per_site = float(pattern.contributions.sum())
    return Described(
        pattern.name,
        pattern.n_seqlets,
        int(pattern.sites["window"].nunique()),
        f"{per_site:+.2f}",
        Markup(draw_logo(contributions, f"mean contributions of {what}", height=76)),
        Markup(draw_logo(bits, f"bits of {what}", height=76, limits=(0, 2))),
        _matches(found, pattern),
    )


def _matches(found: TaskMotifs, pattern: Pattern) -> list[Match]:
    rows = found.names[found.names["pattern"] == pattern.name]
    columns = rows[["motif", "q", "strand", "overlap"]].to_numpy().tolist()
    return [
        Match(motif, _as_q(q), strand, overlap, q < 0.05) for motif, q, strand, overlap in columns
    ]


def _as_q(q: float) -> str:
    if q < 1e-4:
        digits, power = f"{q:.0e}".split("e")
        return f"{digits} × 10{str(int(power)).translate(_RAISED)}"
    return f"{q:.2g}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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
    """From the first pattern to the last, and some bases on either side."""
    marks = _marks(found, window)
    first = max(min(mark.start for mark in marks) - _AROUND, 0)
    end = min(max(mark.end for mark in marks) + _AROUND, found.codes.shape[1])
    place = found.places[window] if found.places else f"window {window + 1}"
    shown = slice(first, end)
    heights = (one_hot(found.codes[window, shown]) * found.contributions[window, shown]).T
    width = _STEP * len(heights)
    logo = draw_logo(heights, f"contributions along {place}", width=width, height=_HEIGHT)
    return Example(place, f"{first}-{end}", Markup(logo) + _draw_marks(marks, first, width))


class Mark(NamedTuple):
    """Where a pattern's core lies in a window (0-based, half-open)."""

    start: int
    end: int
    label: str


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


def _draw_marks(marks: list[Mark], first: int, width: float) -> Markup:
    """A bar with a name below each; those that would overlap have their own lines."""
    bars, ends = list[str](), list[float]()
    for mark in marks:
        x, across = (mark.start - first) * _STEP, (mark.end - mark.start) * _STEP
        line = next((i for i, end in enumerate(ends) if end <= x), len(ends))
        ends[line : line + 1] = [x + max(across, 7.0 * len(mark.label))]
        y = 4 + _BARS * line
        bars.append(
            f'<rect x="{x:g}" y="{y:g}" width="{across:g}" height="3"/>'
            f'<text x="{x:g}" y="{y + 14:g}">{mark.label}</text>'
        )
    height = _BARS * len(ends) + 4
    return Markup(
        f'<svg class="marks" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" aria-hidden="true">{"".join(bars)}</svg>'
    )
