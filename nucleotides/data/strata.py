"""Positions in groups: a group is drawn by its weight, then a position of it uniformly.

Every way of sampling is such a list of groups. One number in [0, 1) chooses the group, another
the position, so a draw needs neither a loop nor a second attempt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.genome.ranges import Integers, Ranges
from nucleotides.targets.layout import Layout

Floats = NDArray[np.float64]


class Strata:
    """Groups of positions on the cells of a layout.

    Attributes:
        layout: what the cells mean.
        starts, before (n,): first cell of each range, and the positions of its group before it;
            32 bits each where the genome allows.
        first: (groups + 1,) offsets of the groups in the ranges.
        sizes: (groups,) positions of each group.
        weights, cumulative: (groups,) probabilities, 0 for a group without positions, and sums.
    """

    def __init__(
        self,
        layout: Layout,
        starts: NDArray[Any],
        before: NDArray[Any],
        first: Integers,
        sizes: Integers,
        weights: Floats,
    ) -> None:
        self.layout, self.starts, self.before = layout, starts, before
        self.first, self.sizes = np.asarray(first, np.int64), np.asarray(sizes, np.int64)
        weights = np.where(self.sizes > 0, weights, 0.0)
        self.weights: Floats = weights / weights.sum() if weights.any() else weights
        summed = np.cumsum(weights)
        self.cumulative: Floats = summed / summed[-1] if weights.any() else summed

    @classmethod
    def of(cls, layout: Layout, groups: Sequence[Ranges], weights: Sequence[float]) -> Strata:
        """From the ranges of each group, disjoint within it."""
        kind = cell_type(layout)
        widths = [group.ends - group.starts for group in groups]
        return cls(
            layout,
            np.concatenate([group.starts for group in groups]).astype(kind),
            np.concatenate([np.cumsum(w) - w for w in widths]).astype(kind),
            np.cumsum([0, *(w.size for w in widths)]),
            np.array([w.sum() for w in widths], np.int64),
            np.array(weights, np.float64),
        )

    @classmethod
    def mix(cls, parts: Sequence[tuple[float, Strata]]) -> Strata:
        """All groups of all parts; a part is chosen by its weight, then a group within it."""
        if len(parts) == 1:
            return parts[0][1]
        all_strata = [part for _, part in parts]
        offsets = np.cumsum([0, *(part.starts.size for part in all_strata)])
        firsts = [part.first[:-1] + at for part, at in zip(all_strata, offsets, strict=False)]
        return cls(
            all_strata[0].layout,
            np.concatenate([part.starts for part in all_strata]),
            np.concatenate([part.before for part in all_strata]),
            np.concatenate([*firsts, offsets[-1:]]),
            np.concatenate([part.sizes for part in all_strata]),
            np.concatenate([weight * part.weights for weight, part in parts]),
        )

    @property
    def size(self) -> int:
        """Positions of all groups together."""
        return int(self.sizes.sum())

    def pick(self, where: Floats, place: Floats) -> tuple[Integers, Integers]:
        """Contigs (by number) and positions (n,) for two numbers in [0, 1) each (n,)."""
        cells = self.pick_cells(where, place)
        contigs = np.searchsorted(self.layout.zero, cells, side="right") - 1
        return contigs, cells - self.layout.zero[contigs]

    def pick_cells(self, where: Floats, place: Floats) -> Integers:
        """As `pick`, as cells: int64 (n,)."""
        cells = np.empty(where.size, np.int64)
        compiled(_pick)(
            self.cumulative,
            self.first,
            self.sizes,
            self.starts,
            self.before,
            where,
            place,
            cells,
        )
        return cells

    def ranges(self) -> tuple[Integers, Integers, Floats]:
        """Starts, ends and density of every range: (n,) each, in the order of the groups."""
        group = np.repeat(np.arange(self.sizes.size), np.diff(self.first))
        starts = self.starts.astype(np.int64)
        after = np.append(self.before[1:], 0).astype(np.int64)
        last = self.first[1:][np.diff(self.first) > 0] - 1
        after[last] = self.sizes[np.diff(self.first) > 0]
        density = (self.weights / np.maximum(self.sizes, 1))[group]
        return starts, starts + after - self.before, density


def cell_type(layout: Layout) -> type[np.uint32 | np.int64]:
    """The type that holds any cell of the layout."""
    return np.uint32 if layout.n_cells < 1 << 32 else np.int64


def _pick(cumulative, first, sizes, starts, before, where, place, cells):  # type: ignore[no-untyped-def]
    for i in range(cells.size):
        low, high = 0, cumulative.size - 1  # the first group whose sum is beyond `where`
        while low < high:
            middle = (low + high) // 2
            if cumulative[middle] > where[i]:
                high = middle
            else:
                low = middle + 1
        rank = np.int64(place[i] * sizes[low])
        at, high = first[low], first[low + 1]  # the last range with at most `rank` before it
        while high - at > 1:
            middle = (at + high) // 2
            if before[middle] <= rank:
                at = middle
            else:
                high = middle
        cells[i] = np.int64(starts[at]) + rank - np.int64(before[at])
