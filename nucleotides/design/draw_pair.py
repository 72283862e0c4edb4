"""What bases contribute in a start and in the design made of it, one above the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from nucleotides.analyze.explanations.describe_sequence import STRETCH, strongest
from nucleotides.analyze.explanations.draw_stretch import STEP, draw_strip
from nucleotides.analyze.report.gallery import file_name
from nucleotides.design.designs import Design
from nucleotides.explain.coordinates import Coordinates
from nucleotides.explain.draw_logo import draw_logo, reach
from nucleotides.explain.explain_sequences import explain
from nucleotides.explain.save_logo import save_logo
from nucleotides.genome import one_hot

if TYPE_CHECKING:
    from nucleotides.predict import Model

_LETTERS = 80.0
_STEM, _TASK = 60, 100


@dataclass(frozen=True)
class Side:
    """Start or design: all contributions as a strip, the stretch as letters, files."""

    title: str
    strip: Markup
    letters: Markup
    files: list[tuple[str, str]]


@dataclass(frozen=True)
class Pair:
    """A task's part; where: which bases the letters are of."""

    task: str
    where: str
    sides: list[Side]


def draw_pairs(
    model: Model, design: Design, tasks: list[str], method: str, folder: Path, stem: str
) -> list[Pair]:
    """Both attributions for some tasks, on one scale; letters are saved in `folder`.

    Args:
        model: explains.
        design: with its start.
        tasks: names.
        method: of `explain`.
        folder: where logos go, as SVG and PNG.
        stem: what their names begin with, as far as a file system takes it.
    """
    found = explain(model, np.stack([design.begin, design.codes]), method, tasks)
    contributions, stem = found.contributions, stem[:_STEM]
    return [
        _pair(design, task, contributions[:, i], folder, f"{stem}.{file_name(task)[:_TASK]}")
        for i, task in enumerate(tasks)
    ]


def _pair(
    design: Design, task: str, contributions: NDArray[np.float32], folder: Path, stem: str
) -> Pair:
    shown = strongest(contributions[1], STRETCH)
    codes = np.stack([design.begin, design.codes])
    heights = (one_hot(codes) * (codes < 4)[:, None] * contributions[:, None]).transpose(0, 2, 1)
    ends = [reach(some[shown]) for some in heights]
    limits = min(low for low, _ in ends), max(high for _, high in ends)
    at, sides = Coordinates(shown.start, shown.stop), []
    for i, which in enumerate(("start", "design")):
        what = f"contributions to {task} along {design.name}, {which}"
        letters = draw_logo(
            heights[i][shown], what, width=STEP * (shown.stop - shown.start), height=_LETTERS,
            limits=limits,
        )  # fmt: skip
        files = []
        for ending in ("svg", "png"):
            path = save_logo(
                folder / f"{stem}.{which}.{ending}", heights[i][shown], what, coordinates=at,
                limits=limits,
            )  # fmt: skip
            files.append((ending.upper(), f"logos/{path.name}"))
        strip = Markup(draw_strip(contributions[i], shown, what))
        sides.append(Side(which, strip, Markup(letters) + _marks(design, shown), files))
    return Pair(task, f"{shown.start:,} to {shown.stop:,}", sides)


def _marks(design: Design, shown: slice) -> Markup:
    """A bar below each base that was edited."""
    edited = np.flatnonzero(design.codes[shown] != design.start[shown])
    width = STEP * (shown.stop - shown.start)
    path = "".join(f"M{STEP * i + 1:.1f} 2h{STEP - 2:.1f}" for i in edited.tolist())
    return Markup(
        f'<svg class="edited" viewBox="0 0 {width:g} 4" width="{width:g}" height="4" role="img" '
        f'aria-label="{edited.size} edited bases"><path d="{path}"/></svg>'
    )
