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
from nucleotides.analyze.explanations.locate_items import Located
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
    seqlets with names; tallest: height of the tallest letter; full: what has the full colour;
    where: which bases these are; nothing: whether all contributions are 0; files: names and
    addresses.
    """

    task: str
    whole: Markup
    stretch: Markup
    tallest: str
    full: str
    where: str
    gap: str
    nothing: bool = False
    files: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Described:
    """A sequence.

    where: its anchor; name: what tells it from others; facts: where it lies, how long it is and
    what else is known; listed: how many of the tasks are in the table of predictions.
    """

    where: str
    name: str
    facts: list[str]
    listed: str
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


def describe_predictions(stored: Stored, row: int, asked: Sequence[int] = ()) -> list[Predicted]:
    """Tasks asked for, then those that are predicted most, eight in all or all asked for."""
    most = np.argsort(-stored.probability[row], kind="stable").tolist()
    chosen = list(dict.fromkeys([*asked, *most]))[: max(_MOST_PREDICTED, len(asked))]
    return [
        Predicted(stored.tasks[i], f"{p:.3f}", f"{100 * p:.1f}")
        for i in chosen
        for p in [float(stored.probability[row, i])]
    ]


def describe_place(item: Located, length: int, note: str) -> list[str]:
    """Where a sequence lies, in words, how long it is, and what is noted of it."""
    at = item.coordinates
    place = at.told if at.contig and at.told not in item.label else ""
    return [words for words in (place, f"{length:,} bases", at.beyond, note) if words]


def draw_task(stored: Stored, row: int, task: int, sites: Sites, item: Located) -> Drawn:
    """A task's part: the whole sequence as a strip, its strongest stretch as letters."""
    contributions = stored.contributions(row, task)
    name, gap = stored.tasks[task], _as_gap(float(stored.gap[row, task]))
    if not contributions.any():
        return Drawn(name, Markup(""), Markup(""), "", "", "", gap, nothing=True)
    shown = strongest(contributions)
    here = item.coordinates.part(shown)
    what = f"contributions to {name} along {item.label}"
    codes = stored.codes(row)[shown]
    heights = (one_hot(codes) * (codes < 4) * contributions[shown]).T
    letters = draw_logo(heights, what, width=STEP * len(heights), height=_HEIGHT)
    values = stored.values(row, task)[:, shown]
    axis = draw_exchanges(values, codes, here, name)
    marks = draw_marks(sites.find(row, shown.start, shown.stop), shown.start, len(heights))
    return Drawn(
        name,
        Markup(draw_strip(contributions, shown, what)),
        Markup('<div class="letters">') + Markup(letters) + marks + axis + Markup("</div>"),
        f"{np.abs(contributions).max():.2g}",
        f"{np.abs(values).max():.2g}",
        "; ".join(words for words in (here.told, here.beyond) if words),
        gap,
    )


def _as_gap(gap: float) -> str:
    return "" if np.isnan(gap) else f"{gap:+.2g}"


def draw_tasks(stored: Stored, row: int, item: Located) -> tuple[Markup, Markup] | None:
    """Tasks by positions, for wide and narrow screens; None of one or two tasks, or of nothing."""
    contributions = stored.contributions(row)
    if len(stored.tasks) < 3 or not contributions.any():
        return None
    what = f"contributions of {item.label}, tasks by positions"
    wide, narrow = (
        Markup(
            inline(
                draw_heatmap(contributions, stored.tasks, item.coordinates, width),
                f"tasks{row}at{width:g}",
                what,
            )
        )
        for width in (1080.0, 358.0)
    )
    return wide, narrow
