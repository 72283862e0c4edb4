"""All contigs on one axis of cells, with room around each for bins that reach over its ends."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from nucleotides.genome.ranges import Integers, Ranges
from nucleotides.targets.index import ROW


class Layout:
    """Cells of a genome, for bins of a given width.

    Each contig begins `margin` cells (a multiple of a row, at least a bin) after the start of its
    own rows and ends as far before their end, so that no bin touches two contigs. The first row
    belongs to no contig: positions too far from a contig to have a label are put there.

    Attributes:
        contigs: {name: length}.
        lengths: of the contigs (n,), int64.
        zero: the cell of each contig's first base (n,), int64.
        n_cells: cells in all.
    """

    def __init__(self, contigs: Mapping[str, int], bin: int) -> None:
        self.contigs = dict(contigs)
        self.margin = -(-bin // ROW) * ROW
        self.lengths = np.array(list(contigs.values()), np.int64)
        spans = -(-(self.lengths + 2 * self.margin) // ROW) * ROW
        ends = ROW + np.cumsum(spans)
        self.zero = ends - spans + self.margin
        self.n_cells = int(ends[-1])
        self._number = {name: i for i, name in enumerate(contigs)}

    def numbers(self, names: Sequence[str]) -> Integers:
        """Positions of contigs in `contigs`, -1 for one that is not there: int64, same length."""
        return np.array([self._number.get(name, -1) for name in names], np.int64)

    def cells(self, contigs: Integers, positions: Integers) -> Integers:
        """Cells (n,) of 0-based positions (n,) on contigs (n,) given by number."""
        near = (positions >= -self.margin) & (positions < self.lengths[contigs] + self.margin)
        return np.where(near, self.zero[contigs] + positions, 0)

    def join(self, by_contig: Sequence[Ranges]) -> Ranges:
        """Intervals contig by contig as intervals of cells; order and gaps are kept."""
        return Ranges(
            np.concatenate([r.starts + zero for r, zero in zip(by_contig, self.zero, strict=True)]),
            np.concatenate([r.ends + zero for r, zero in zip(by_contig, self.zero, strict=True)]),
        )

    def split(self, cells: Ranges) -> list[Ranges]:
        """Intervals of cells as intervals contig by contig: the inverse of `join`."""
        edges = [*np.searchsorted(cells.starts, self.zero - self.margin), cells.starts.size]
        return [
            Ranges(cells.starts[low:high] - zero, cells.ends[low:high] - zero)
            for (low, high), zero in zip(itertools.pairwise(edges), self.zero, strict=True)
        ]
