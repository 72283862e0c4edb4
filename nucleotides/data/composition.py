"""GC content of windows: positions of like GC as groups, drawn as often as intervals have them.

The position p belongs to the block of 16 that holds it, and the block to the class of the window
around its middle: GC content among known bases, in steps of 2 %. A window is at most 8 bases off
its block's, so its GC content is off by at most 8 bases. The classes of all positions are found,
none is sampled: a class is drawn as often as positions of the intervals belong to it, exactly,
and each of its positions is equally likely. A class that lies in the intervals only cannot be
drawn from elsewhere: its share goes to the nearest class that can.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.data.strata import Strata, cell_type
from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers, Ranges
from nucleotides.targets.layout import Layout

CLASSES, GRAIN = 50, 16
_AT_ONCE = 1 << 22  # positions, a multiple of GRAIN


class Runs(NamedTuple):
    """Ranges of cells of one GC class each: starts, widths, classes (n,), by position."""

    starts: NDArray[Any]
    widths: NDArray[Any]
    classes: NDArray[np.uint8]

    def profile(self) -> NDArray[np.float64]:
        """Positions of each class: float64 (CLASSES,)."""
        return np.bincount(self.classes, self.widths, CLASSES).astype(np.float64)


def gc_matched(
    genome: GenomeStore, layout: Layout, inside: Ranges, outside: Ranges, length: int
) -> Strata:
    """Positions of `outside` (cells), by GC class, weighted as `inside` has the classes.

    Raises:
        InputError: there is nothing outside of the intervals.
    """
    wanted = gc_runs(genome, layout, inside, length).profile()
    runs = gc_runs(genome, layout, outside, length)
    there = runs.profile()
    if not there.any():
        raise InputError("--sampling: no position of the training part lies outside the intervals")
    order = np.argsort(runs.classes, kind="stable")
    widths = runs.widths[order].astype(np.int64)
    first = np.searchsorted(runs.classes[order], np.arange(CLASSES + 1))
    total = np.concatenate([[0], np.cumsum(widths)])
    before = total[:-1] - np.repeat(total[first[:-1]], np.diff(first))
    kind = cell_type(layout)
    weights = moved_to_nearest(wanted, there > 0)
    return Strata(
        layout, runs.starts[order], before.astype(kind), first, np.diff(total[first]), weights
    )


def moved_to_nearest(wanted: NDArray[np.float64], possible: NDArray[np.bool_]) -> Any:
    """The share of each impossible class added to the nearest possible one, the lower of two."""
    can = np.flatnonzero(possible)
    nearest = can[np.argmin(np.abs(np.arange(wanted.size)[:, None] - can), axis=1)]
    return np.bincount(nearest, wanted, wanted.size)


def gc_runs(genome: GenomeStore, layout: Layout, within: Ranges, length: int) -> Runs:
    """The GC class of every position of `within` (cells)."""
    kind = cell_type(layout)

    def one(job: tuple[str, int, Ranges]) -> Runs:
        name, at, ranges = job
        edges, classes = _blocks(genome, name, at, int(ranges.ends[-1]), length)
        most = ranges.starts.size + classes.size
        starts, widths = np.empty((2, most), np.int64)
        found = np.empty(most, np.uint8)
        n = compiled(_cut)(*ranges, edges, classes, starts, widths, found)
        zero = layout.zero[list(genome.contigs).index(name)]
        return Runs((starts[:n] + zero).astype(kind), widths[:n].astype(kind), found[:n].copy())

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as threads:
        parts = list(threads.map(one, _jobs(layout, within)))
    empty = Runs(np.empty(0, kind), np.empty(0, kind), np.empty(0, np.uint8))
    return Runs(*map(np.concatenate, zip(empty, *parts, strict=True)))


def _jobs(layout: Layout, within: Ranges) -> Iterator[tuple[str, int, Ranges]]:
    """Contig, first position and the ranges cut to a stretch of `_AT_ONCE` positions."""
    for name, ranges in zip(layout.contigs, layout.split(within), strict=True):
        if not ranges.starts.size:
            continue
        for at in range(0, int(ranges.ends[-1]), _AT_ONCE):
            low, high = (
                np.searchsorted(ranges.ends, at, "right"),
                np.searchsorted(ranges.starts, at + _AT_ONCE),
            )
            if low < high:
                inner = Ranges(ranges.starts[low:high], ranges.ends[low:high])
                yield name, at, Ranges(*(np.clip(side, at, at + _AT_ONCE) for side in inner))


def _blocks(
    genome: GenomeStore, name: str, at: int, end: int, length: int
) -> tuple[Integers, NDArray[np.uint8]]:
    """Edges (n + 1,) and classes (n,) of stretches of one class from `at` to beyond `end`."""
    n = -(-(end - at) // GRAIN)
    start = at + GRAIN // 2 - length // 2
    codes = genome.codes(name, [start], (n - 1) * GRAIN + length)[0]
    classes = np.empty(n, np.uint8)
    compiled(_classify)(codes, length, GRAIN, CLASSES, classes)
    new = np.flatnonzero(np.diff(classes)) + 1
    edges = at + GRAIN * np.concatenate([[0], new, [n]])
    return edges, classes[np.concatenate([[0], new])]


def _classify(codes, length, grain, n_classes, classes):  # type: ignore[no-untyped-def]
    gc, known = 0, 0
    for i in range(length):
        gc += codes[i] == 1 or codes[i] == 2
        known += codes[i] < 4
    for k in range(classes.size):
        if k:
            for i in range((k - 1) * grain, k * grain):
                gc -= codes[i] == 1 or codes[i] == 2
                known -= codes[i] < 4
                j = i + length
                gc += codes[j] == 1 or codes[j] == 2
                known += codes[j] < 4
        classes[k] = min(gc * n_classes // max(known, 1), n_classes - 1)


def _cut(starts, ends, edges, classes, out_starts, out_widths, out_classes):  # type: ignore[no-untyped-def]
    """The ranges cut at the edges; how many pieces."""
    n, k = 0, 0
    for i in range(starts.size):
        at = starts[i]
        while at < ends[i]:
            while edges[k + 1] <= at:
                k += 1
            stop = min(ends[i], edges[k + 1])
            out_starts[n], out_widths[n], out_classes[n] = at, stop - at, classes[k]
            n += 1
            at = stop
    return n
