"""All peaks of a store in order of place, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.genome.ranges import Integers
from nucleotides.targets.store import TargetStore

_AT_ONCE = 4_000_000
_WIDTH_BITS = 31


class PlacedPeaks(NamedTuple):
    """Peaks by start, then end, then task: cells [starts, ends) and task numbers, (n,) each."""

    starts: Integers
    ends: Integers
    tasks: NDArray[Any]


def sort_peaks(store: TargetStore) -> Iterator[PlacedPeaks]:
    """All peaks, some millions at a time.

    They are dealt out to stretches of the axis first (10 bytes a peak), then each is sorted.
    """
    names = store.tasks["task"].tolist()
    n_stretches = max(1, -(-store.n_peaks // _AT_ONCE))
    span = max(-(-store.layout.n_cells // n_stretches), 1)
    counts = np.zeros(n_stretches + 1, np.int64)
    for name in names:
        compiled(_count)(store.peak_cells(name).starts, span, counts[1:])
    edges = np.cumsum(counts)
    starts, widths = np.empty((2, edges[-1]), np.uint32)
    tasks = np.empty(edges[-1], np.uint16 if len(names) <= 1 << 16 else np.uint32)
    cursor = edges[:-1].copy()
    for number, name in enumerate(names):
        peaks = store.peak_cells(name)
        compiled(_deal)(peaks.starts, peaks.ends, number, span, cursor, starts, widths, tasks)
    for stretch in range(n_stretches):
        part = slice(edges[stretch], edges[stretch + 1])
        key = starts[part].astype(np.uint64) << np.uint64(_WIDTH_BITS) | widths[part]
        order = np.argsort(key, kind="stable")
        placed = starts[part][order].astype(np.int64) + stretch * span
        yield PlacedPeaks(placed, placed + widths[part][order], tasks[part][order])


def _count(starts, span, counts):  # type: ignore[no-untyped-def]
    for i in range(starts.size):
        counts[starts[i] // span] += 1


def _deal(starts, ends, task, span, cursor, out_starts, out_widths, out_tasks):  # type: ignore[no-untyped-def]
    for i in range(starts.size):
        stretch = starts[i] // span
        at = cursor[stretch]
        out_starts[at] = starts[i] - stretch * span
        out_widths[at] = ends[i] - starts[i]
        out_tasks[at] = task
        cursor[stretch] = at + 1
