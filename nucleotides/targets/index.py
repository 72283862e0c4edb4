"""Which tasks hold at a position: a stabbing query over intervals listed by where they begin.

Positions are cells of one axis, in rows of 256. Row b lists the intervals that begin in its
cells, longer ones cut into pieces of 512. One piece is one word: first cell within the row (8
bits), length less 1 (9 bits), task (the rest). A cell can be reached from its own row and the two
before, which lie side by side: a query reads one stretch of memory. No tree, no search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.genome.ranges import Integers, Ranges

ROW = 256
_LONGEST = 512
_TASK_BITS_OF_32 = 15
_ONE_AS_FLOAT = int(np.float32(1).view(np.uint32))
_WHOLE, _EIGHTHS = np.uint64(0), np.uint64(3)  # a task has an element, or a bit of one
_LINE = 16  # pieces of 32 bits in a cache line


class StabbingIndex(NamedTuple):
    """Pieces by row: `rows` (n_rows + 1,) offsets into `pieces` (n,), words of 32 or 64 bits."""

    rows: NDArray[Any]
    pieces: NDArray[Any]

    @classmethod
    def build(cls, intervals_by_task: Sequence[Ranges], n_cells: int) -> StabbingIndex:
        """From each task's disjoint intervals of cells, in memory."""
        count = PieceCount(n_cells)
        for intervals in intervals_by_task:
            count.add(intervals)
        rows = count.rows()
        pieces = np.empty(int(rows[-1]), word_type(len(intervals_by_task)))
        fill(rows, pieces, intervals_by_task)
        return cls(rows, pieces)

    def stab(self, cells: Integers, out: NDArray[Any]) -> None:
        """Set out (n, tasks) to 1 where a task's interval holds the cell (n,), else to 0.

        `out` is uint8 or float32.
        """
        one, words = (_ONE_AS_FLOAT, out.view(np.uint32)) if out.dtype == np.float32 else (1, out)
        compiled(_stab)(self.rows, self.pieces, cells, words.dtype.type(one), _WHOLE, _LINE, words)

    def stab_bits(self, cells: Integers, out: NDArray[np.uint8]) -> None:
        """The same with eight tasks a byte, the first in the lowest bit: (n, tasks / 8 up)."""
        compiled(_stab)(self.rows, self.pieces, cells, np.uint8(1), _EIGHTHS, _LINE, out)

    def stretches(self, cells: Integers) -> tuple[Integers, Integers]:
        """Where in `pieces` the query of each cell begins and ends: int64 (n,), int64 (n,)."""
        row = cells >> 8
        low, high = self.rows[np.maximum(row - 2, 0)], self.rows[row + 1]
        return low.astype(np.int64), high.astype(np.int64)


class PieceCount:
    """How many pieces each row will list; one task's intervals are added at a time."""

    def __init__(self, n_cells: int) -> None:
        self._counts = np.zeros(-(-n_cells // ROW) + 1, np.uint32)

    def add(self, intervals: Ranges) -> None:
        """Count one task's intervals."""
        compiled(_count)(intervals.starts, intervals.ends, self._counts[1:])

    def rows(self) -> NDArray[Any]:
        """Offsets (n_rows + 1,) of the rows in the list of all pieces; the counts are used up."""
        total = int(self._counts.sum(dtype=np.int64))
        rows = self._counts if total < 1 << 32 else self._counts.astype(np.int64)
        compiled(_add_up)(rows)
        return rows


def word_type(n_tasks: int) -> type[np.uint32 | np.uint64]:
    """The type of a piece, wide enough for the number of tasks."""
    return np.uint32 if n_tasks <= 1 << _TASK_BITS_OF_32 else np.uint64


def fill(rows: NDArray[Any], pieces: NDArray[Any], intervals_by_task: Iterable[Ranges]) -> None:
    """Write the pieces of all tasks, in the order of tasks within a row.

    Meanwhile each row's offset is where its next piece goes; in the end that is the next row's.
    """
    for task, intervals in enumerate(intervals_by_task):
        compiled(_fill)(intervals.starts, intervals.ends, task, rows, pieces)
    rows[1:] = rows[:-1]
    rows[0] = 0


def _count(starts, ends, counts):  # type: ignore[no-untyped-def]
    for i in range(starts.size):
        for start in range(starts[i], ends[i], _LONGEST):
            counts[start >> 8] += 1


def _add_up(rows):  # type: ignore[no-untyped-def]
    for row in range(1, rows.size):
        rows[row] += rows[row - 1]


def _fill(starts, ends, task, cursor, pieces):  # type: ignore[no-untyped-def]
    for i in range(starts.size):
        for start in range(starts[i], ends[i], _LONGEST):
            at = cursor[start >> 8]
            length = min(ends[i] - start, _LONGEST)
            pieces[at] = (start & 255) | ((length - 1) << 8) | (task << 17)
            cursor[start >> 8] = at + 1


def _stab(rows, pieces, cells, one, bits, line, out):  # type: ignore[no-untyped-def]
    # All that will be read is asked for first, so that misses overlap, as in genome/gather.py.
    touched = np.uint64(0)
    for i in range(cells.size):
        touched ^= np.uint64(rows[cells[i] >> 8])
    for i in range(cells.size):
        row = cells[i] >> 8
        for j in range(rows[max(row - 2, 0)], rows[row + 1], line):
            touched ^= np.uint64(pieces[j])
    within_element = (np.uint64(1) << bits) - np.uint64(1)
    for i in range(cells.size):
        hits = out[i]
        hits[:] = 0
        row, cell = cells[i] >> 8, np.uint64(cells[i] & 255)
        for back in range(min(row, 2) + 1):
            listed = pieces[rows[row - back] : rows[row - back + 1]]
            for j in range(listed.size):
                piece = np.uint64(listed[j])
                # A cell before the piece wraps around to a number beyond any length.
                within = cell - (piece & np.uint64(255))
                task = piece >> np.uint64(17)
                # No branch: whether a piece holds the cell is a coin toss, and wrong guesses cost.
                here = np.uint64(within <= ((piece >> np.uint64(8)) & np.uint64(511)))
                hits[task >> bits] |= (here * np.uint64(one)) << (task & within_element)
            cell += np.uint64(ROW)
    return touched
