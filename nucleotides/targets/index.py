"""Which tasks hold at a position: a stabbing query over intervals cut at every 256th position.

Positions are cells of one axis. Row b of the index lists the pieces that lie in cells
[256 b, 256 b + 256): first and last cell within the row (uint8, inclusive) and the task. A query
reads one row: no tree, no search.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from nucleotides.genome.ranges import Integers, Ranges

ROW = 256


class StabbingIndex(NamedTuple):
    """Pieces by row: `rows` (n_rows + 1,) offsets into `first`, `last` (uint8) and `task`."""

    rows: NDArray[Any]
    first: NDArray[np.uint8]
    last: NDArray[np.uint8]
    task: NDArray[Any]

    @classmethod
    def build(cls, intervals_by_task: Sequence[Ranges], n_cells: int) -> StabbingIndex:
        """From each task's disjoint intervals of cells."""
        n_rows = -(-n_cells // ROW)
        counts = np.zeros(n_rows + 1, np.int64)
        for intervals in intervals_by_task:
            _compiled(_count)(intervals.starts, intervals.ends, counts[1:])
        rows = np.cumsum(counts)
        n = int(rows[-1])
        first, last = np.empty(n, np.uint8), np.empty(n, np.uint8)
        task = np.empty(n, np.uint16 if len(intervals_by_task) <= 1 << 16 else np.uint32)
        cursor = rows[:-1].copy()
        for number, intervals in enumerate(intervals_by_task):
            _compiled(_fill)(intervals.starts, intervals.ends, number, cursor, first, last, task)
        small = n < 1 << 32
        return cls(rows.astype(np.uint32 if small else np.int64), first, last, task)

    def stab(self, cells: Integers, out: NDArray[np.uint8]) -> None:
        """Set out (n, tasks) to 1 where a task's interval holds the cell (n,), else to 0."""
        _compiled(_stab)(self.rows, self.first, self.last, self.task, cells, out)


@cache
def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    """Machine code of a loop; numba is loaded, and its cache on disk touched, only when it runs."""
    from numba import njit

    return cast(Callable[..., None], njit(cache=True, nogil=True)(function))


def _count(starts, ends, counts):  # type: ignore[no-untyped-def]
    for i in range(starts.size):
        for row in range(starts[i] >> 8, ((ends[i] - 1) >> 8) + 1):
            counts[row] += 1


def _fill(starts, ends, number, cursor, first, last, task):  # type: ignore[no-untyped-def]
    for i in range(starts.size):
        for row in range(starts[i] >> 8, ((ends[i] - 1) >> 8) + 1):
            at = cursor[row]
            first[at] = max(starts[i] - (row << 8), 0)
            last[at] = min(ends[i] - 1 - (row << 8), 255)
            task[at] = number
            cursor[row] = at + 1


def _stab(rows, first, last, task, cells, out):  # type: ignore[no-untyped-def]
    for i in range(cells.size):
        out[i, :] = 0
        row, cell = cells[i] >> 8, cells[i] & 255
        for j in range(rows[row], rows[row + 1]):
            if first[j] <= cell and cell <= last[j]:
                out[i, task[j]] = 1
