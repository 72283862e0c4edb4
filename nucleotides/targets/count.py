"""How many positions each task is positive at: exact, all tasks at once, over threads."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.genome.ranges import Integers, Ranges
from nucleotides.targets.centres import positive_centres
from nucleotides.targets.layout import Layout

if TYPE_CHECKING:
    from nucleotides.targets.store import TargetStore

Result = TypeVar("Result")
_MOST_THREADS, _AT_ONCE = 8, 64


class Measure(NamedTuple):
    """Weight of positions of one axis: `density` a position within sorted, disjoint ranges.

    starts, ends (n,) int64; density (n,); before (n,): weight of all ranges before each.
    """

    starts: Integers
    ends: Integers
    density: NDArray[Any]
    before: NDArray[Any]

    @classmethod
    def of(cls, ranges: Ranges, density: NDArray[Any] | None = None) -> Measure:
        """Each position counts 1, or as much as the density of its range."""
        if density is None:
            density = np.ones(ranges.starts.size, np.int64)
        weights = (ranges.ends - ranges.starts) * density
        return cls(*ranges, density, np.cumsum(weights) - weights)

    def of_intervals(self, intervals: Ranges) -> int | float:
        """Weight of the positions that lie in `intervals`."""
        if not self.starts.size:
            return 0
        total: int | float = compiled(_weigh)(*intervals, *self)
        return total


def count_within(
    store: TargetStore, parts: Sequence[Ranges], bin: int, threshold: float
) -> Integers:
    """Positions of each part (cells of `Layout(contigs, bin)`) at which each task is positive.

    Every task's peaks are read once, whatever the number of parts.

    Returns:
        int64 (parts, tasks).
    """
    measures = [Measure.of(part) for part in parts]
    counts: Integers = _weights(store, measures, bin, threshold).astype(np.int64)
    return counts


def weigh(store: TargetStore, measure: Measure, bin: int, threshold: float) -> NDArray[np.float64]:
    """Weight of the positions (cells of `Layout(contigs, bin)`) at which each task is positive.

    Returns:
        float64 (tasks,), exact up to rounding.
    """
    weights: NDArray[np.float64] = _weights(store, [measure], bin, threshold)[0]
    return weights.astype(np.float64)


def _weights(
    store: TargetStore, measures: Sequence[Measure], bin: int, threshold: float
) -> NDArray[Any]:
    def one(centres: Ranges) -> list[int | float]:
        return [measure.of_intervals(centres) for measure in measures]

    rows = list(over_tasks(store, one, bin, threshold))
    return np.array(rows).reshape(len(rows), len(measures)).T


def over_tasks(
    store: TargetStore, function: Callable[[Ranges], Result], bin: int, threshold: float
) -> Iterator[Result]:
    """`function` of each task's positive centres (cells of `Layout(contigs, bin)`), in order."""
    layout = Layout(store.contigs, bin)
    same = layout.margin == store.layout.margin

    def one(task: str) -> Result:
        peaks = store.peak_cells(task) if same else layout.join(store.peaks_by_contig(task))
        return function(positive_centres(peaks, bin, threshold))

    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS)) as threads:
        tasks = store.tasks["task"].tolist()
        for low in range(0, len(tasks), _AT_ONCE):  # results wait in memory: not too many
            yield from threads.map(one, tasks[low : low + _AT_ONCE])


def peaks_by_stretch(store: TargetStore, width: int) -> list[Integers]:
    """Peaks of all tasks that begin in each stretch of `width` bases: int64 by contig."""
    layout = store.layout
    counts = [np.zeros(-(-int(n) // width), np.int64) for n in layout.lengths]
    edges = np.concatenate([[0], np.cumsum([c.size for c in counts])])
    flat = np.zeros(int(edges[-1]), np.int64)
    for task in store.tasks["task"]:
        compiled(_tally)(store.peak_cells(task).starts, layout.zero, edges, width, flat)
    return [flat[a:b] for a, b in itertools.pairwise(edges)]


def _weigh(first, after, starts, ends, density, before):  # type: ignore[no-untyped-def]
    """Sum of F(after) - F(first), F(x) the weight below x; intervals come in order."""
    total, at = before[0] * 0, 0
    for i in range(first.size):
        for k in range(2):
            x = after[i] if k else first[i]
            if x <= starts[0]:
                continue
            step = 1
            while at + step < starts.size and starts[at + step] <= x:
                at += step
                step *= 2
            while step > 1:
                step //= 2
                if at + step < starts.size and starts[at + step] <= x:
                    at += step
            below = before[at] + (min(x, ends[at]) - starts[at]) * density[at]
            total += below if k else -below
    return total


def _tally(cells, zero, edges, width, counts):  # type: ignore[no-untyped-def]
    contig = 0
    for i in range(cells.size):
        while contig + 1 < zero.size and cells[i] >= zero[contig + 1]:
            contig += 1
        counts[edges[contig] + (cells[i] - zero[contig]) // width] += 1
