"""Ways to colour tasks: by a word, the commonest in colour, or by a number in steps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nucleotides.analyze.report.theme import CATEGORIES, OTHER, RAMP


@dataclass(frozen=True)
class Colouring:
    """One way to colour the tasks.

    Attributes:
        name: a short identifier.
        title: what a button says.
        words: the distinct values.
        colours: of the first of `words`, names of `theme.LIGHT`; the others are `theme.OTHER`.
        codes: of each task, its place in `words`.
        legend: (colour, label, how many tasks).
    """

    name: str
    title: str
    words: list[str]
    colours: list[str]
    codes: list[int]
    legend: list[tuple[str, str, int]]


def by_word(
    name: str, title: str, values: Sequence[str], chosen: dict[str, str] | None = None
) -> Colouring:
    """The eight commonest words in colours, the rest grey.

    Args:
        name: of the colouring.
        title: what is coloured, as in "no target".
        values: (tasks,) the word of each task; "" where there is none, which is always grey.
        chosen: the colour of each word, where that is settled.
    """
    counts = Counter(values)
    words = [word for word, _ in counts.most_common() if word] + [""] * ("" in counts)
    colours = chosen or dict(zip(filter(None, words), CATEGORIES, strict=False))
    of = [colours.get(word, OTHER) if word else OTHER for word in words]
    pairs = list(zip(words, of, strict=True))
    rest = [word for word, colour in pairs if colour == OTHER and word]
    legend = [(colour, word, counts[word]) for word, colour in pairs if colour != OTHER]
    if rest:
        label = rest[0] if len(rest) == 1 else f"{len(rest):,} others"
        legend.append((OTHER, label, sum(counts[word] for word in rest)))
    if counts[""]:
        legend.append((OTHER, f"no {title}", counts[""]))
    place = {word: i for i, word in enumerate(words)}
    while of and of[-1] == OTHER:
        of.pop()
    return Colouring(name, title, words, of, [place[word] for word in values], legend)


def by_steps(name: str, title: str, values: NDArray[np.float64]) -> Colouring:
    """A number in at most six equal steps of 0.01 or more between round limits.

    The lowest twentieth of the values has no say in the limits, and lies in the first step.

    Args:
        name: of the colouring.
        title: what is coloured.
        values: (tasks,); those that are not finite are grey.
    """
    finite = np.isfinite(values)
    low, step, count = _round_steps(values[finite])
    inside = np.clip((np.where(finite, values, low) - low) / step + 1e-9, 0, count - 1)
    codes = np.where(finite, inside.astype(int), count)
    labels = _step_labels(low, step, count, bool((values[finite] < low - 1e-9).any()))
    last = len(RAMP) - 1
    colours = [RAMP[round(last * (i + 1) / count)] for i in range(count)]
    tasks = np.bincount(codes, minlength=count + 1).tolist()
    legend = [row for row in zip(colours, labels, tasks[:count], strict=True) if finite.any()]
    if tasks[count]:
        legend.append((OTHER, f"no {title}", tasks[count]))
    return Colouring(name, title, [*labels, ""], colours, codes.tolist(), legend)


def _step_labels(low: float, step: float, count: int, below: bool) -> list[str]:
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    edges = [f"{low + step * i:.{digits}f}" for i in range(count + 1)]
    labels = [f"{a} – {b}" for a, b in pairwise(edges)]
    return [f"below {edges[1]}", *labels[1:]] if below else labels


def _round_steps(values: NDArray[np.float64]) -> tuple[float, float, int]:
    """The lowest edge, the width and the number of steps from the 5% quantile of `values` up."""
    if not len(values):
        return 0.0, 1.0, 1
    least, most = float(np.quantile(values, 0.05)), float(values.max())
    for power in range(-2, 7):
        for part in (1, 2, 5):
            step = part * 10.0**power
            first = math.floor(least / step + 1e-9)
            count = max(1, math.ceil(most / step - 1e-9) - first)
            if count <= len(RAMP):
                return first * step, step, count
    return least, max(most - least, 1.0), 1
