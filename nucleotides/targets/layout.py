"""All contigs on one axis of cells, with room around each for bins that reach over its ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nucleotides.genome.ranges import Integers, Ranges
from nucleotides.targets.index import ROW


class Layout:
    """Cells of a genome, for bins of a given width.

    Each contig begins `margin` cells (a multiple of a row, at least a bin) after the start of its
    own rows and ends as far before their end, so that no bin touches two contigs. The first row
    belongs to no contig: positions too far from a contig to have a label are put there.
    """

    def __init__(self, contigs: Mapping[str, int], bin: int) -> None:
        self.margin = -(-bin // ROW) * ROW
        self._lengths = np.array(list(contigs.values()), np.int64)
        spans = -(-(self._lengths + 2 * self.margin) // ROW) * ROW
        ends = ROW + np.cumsum(spans)
        self._zero = ends - spans + self.margin
        self.n_cells = int(ends[-1])

    def cells(self, contigs: Integers, positions: Integers) -> Integers:
        """Cells (n,) of 0-based positions (n,) on contigs (n,) given by number."""
        near = (positions >= -self.margin) & (positions < self._lengths[contigs] + self.margin)
        return np.where(near, self._zero[contigs] + positions, 0)

    def join(self, by_contig: Sequence[Ranges]) -> Ranges:
        """Intervals contig by contig as intervals of cells; order and gaps are kept."""
        return Ranges(
            np.concatenate(
                [r.starts + zero for r, zero in zip(by_contig, self._zero, strict=True)]
            ),
            np.concatenate([r.ends + zero for r, zero in zip(by_contig, self._zero, strict=True)]),
        )
