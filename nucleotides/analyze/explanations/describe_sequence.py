"""What the page says and draws of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from nucleotides.analyze.explanations.draw_heatmap import draw_heatmap
from nucleotides.analyze.explanations.draw_stretch import (
    STEP,
    draw_exchanges,
    draw_marks,
    draw_strip,
)
from nucleotides.analyze.explanations.keep_explanations import Stored
from nucleotides.analyze.report.svg import inline
from nucleotides.explain.draw_logo import draw_logo
from nucleotides.genome import one_hot

STRETCH = 120
"""Bases of which letters are shown."""
_HEIGHT = 96.0
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
    letters = draw_logo(heights, what, width=STEP * len(heights), height=_HEIGHT)
    axis = draw_exchanges(stored.values(row, task)[:, shown], codes, first + shown.start, name)
    marks = draw_marks(sites.find(row, shown.start, shown.stop), shown.start, len(heights))
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
