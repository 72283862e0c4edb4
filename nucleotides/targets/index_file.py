"""A stabbing index whose pieces are read from their file, query by query."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.genome.ranges import Integers
from nucleotides.mapped_memory import ArrayFile
from nucleotides.targets.index import StabbingIndex


class IndexFile:
    """Answers as the index does that it is made from; only `rows` stay mapped.

    Args:
        index: memory-mapped.
    """

    def __init__(self, index: StabbingIndex) -> None:
        self.rows = index.rows
        self._file = ArrayFile(index.pieces)

    def stab(self, cells: Integers, out: NDArray[Any]) -> None:
        """As `StabbingIndex.stab`."""
        index, cells = self._read(cells)
        index.stab(cells, out)

    def stab_bits(self, cells: Integers, out: NDArray[np.uint8]) -> None:
        """As `StabbingIndex.stab_bits`."""
        index, cells = self._read(cells)
        index.stab_bits(cells, out)

    def _read(self, cells: Integers) -> tuple[StabbingIndex, Integers]:
        """An index of what these queries read, three rows each, and the queries as its cells."""
        row, n = cells >> 8, np.arange(cells.size)
        around = np.maximum(row[:, None] + np.arange(-2, 2), 0)
        rows = self.rows[around].astype(np.int64)
        counts = rows[:, 3] - rows[:, 0]
        places = np.cumsum(counts) - counts
        pieces = np.empty(int(counts.sum()), self._file.kind)
        self._file.read(rows[:, 0].copy(), counts, places, pieces)
        rows += (places - rows[:, 0])[:, None]
        return StabbingIndex(rows.reshape(-1), pieces), ((4 * n + 2) << 8) | (cells & 255)
