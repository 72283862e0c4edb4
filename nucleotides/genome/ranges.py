"""Interval arithmetic on arrays: starts and ends, int64 (n,), 0-based half-open, of one axis.

Places on several contigs become one axis by an offset for each contig. Results are sorted,
disjoint, and do not touch one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled

Integers = NDArray[np.int64]
_DIGIT = 11  # bits that a pass of sorting looks at
_MANY = 4096


class Ranges(NamedTuple):
    """Sorted, disjoint intervals of one axis: starts (n,), ends (n,)."""

    starts: Integers
    ends: Integers

    @property
    def total(self) -> int:
        """Number of positions covered."""
        return int((self.ends - self.starts).sum())


def merge(starts: Integers, ends: Integers) -> Ranges:
    """The union: overlapping and touching intervals joined, empty ones dropped."""
    starts, ends = np.asarray(starts, np.int64), np.asarray(ends, np.int64)
    joined = np.empty((2, starts.size), np.int64)
    n = compiled(_join)(starts, ends, *joined)
    if n < 0:
        n = compiled(_join)(*_by_start(starts, ends), *joined)
    return Ranges(joined[0, :n], joined[1, :n])


def _by_start(starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """The intervals by start; many are sorted by its digits, several times as fast as comparing."""
    if starts.size < _MANY:
        order = np.argsort(starts)
        return starts[order], ends[order]
    low, span = int(starts.min()), int(starts.max()) - int(starts.min())
    here, there = np.stack([starts, ends]), np.empty((2, starts.size), np.int64)
    for shift in range(0, max(span.bit_length(), 1), _DIGIT):
        compiled(_deal)(*here, low, shift, np.zeros(1 << _DIGIT, np.int64), *there)
        here, there = there, here
    return here[0], here[1]


def _deal(starts, ends, low, shift, counts, out_starts, out_ends):  # type: ignore[no-untyped-def]
    """Put intervals in the order of one digit of their start, keeping their order within it."""
    mask = counts.size - 1
    for i in range(starts.size):
        counts[((starts[i] - low) >> shift) & mask] += 1
    place = 0
    for digit in range(counts.size):
        counts[digit], place = place, place + counts[digit]
    for i in range(starts.size):
        digit = ((starts[i] - low) >> shift) & mask
        at = counts[digit]
        out_starts[at], out_ends[at] = starts[i], ends[i]
        counts[digit] = at + 1


def _join(starts, ends, joined_starts, joined_ends):  # type: ignore[no-untyped-def]
    """Join intervals that come sorted by start; how many remain, or -1 if they are not sorted."""
    n = 0
    for i in range(starts.size):
        start, end = starts[i], ends[i]
        if i and start < starts[i - 1]:
            return -1
        if end <= start:
            continue
        if n and start <= joined_ends[n - 1]:
            joined_ends[n - 1] = max(joined_ends[n - 1], end)
        else:
            joined_starts[n], joined_ends[n] = start, end
            n += 1
    return n


def depth_at_least(layers: Sequence[Ranges], depth: int) -> Ranges:
    """Positions that at least `depth` of the layers cover, joined where they touch."""
    if depth == 1 or len(layers) == 1:
        starts, ends = zip(*layers, strict=True)
        return merge(np.concatenate(starts), np.concatenate(ends)) if len(layers) > 1 else layers[0]
    places = np.concatenate([np.concatenate(layer) for layer in layers])
    steps = np.concatenate([np.repeat([1, -1], layer.starts.size) for layer in layers])
    order = np.argsort(places, kind="stable")
    places, covering = places[order], np.cumsum(steps[order])
    enough = np.flatnonzero(covering[:-1] >= depth)
    return merge(places[enough], places[enough + 1])


def intersect(a: Ranges, b: Ranges) -> Ranges:
    """Positions covered by both."""
    first = np.searchsorted(b.ends, a.starts, side="right")
    count = np.maximum(np.searchsorted(b.starts, a.ends, side="left") - first, 0)
    left = np.repeat(np.arange(a.starts.size), count)
    right = np.arange(left.size) - np.repeat(np.cumsum(count) - count, count)
    right += np.repeat(first, count)
    return merge(
        np.maximum(a.starts[left], b.starts[right]), np.minimum(a.ends[left], b.ends[right])
    )


def subtract(a: Ranges, b: Ranges) -> Ranges:
    """Positions covered by `a` and not by `b`."""
    if not a.starts.size:
        return a
    low, high = a.starts[0], a.ends[-1]
    starts = np.concatenate([[low], np.clip(b.ends, low, high)])
    ends = np.concatenate([np.clip(b.starts, low, high), [high]])
    return intersect(a, merge(starts, ends))


def covered_before(ranges: Ranges, positions: Integers) -> Integers:
    """Covered positions below each of `positions`: int64, same shape."""
    if not ranges.starts.size:
        return np.zeros_like(positions)
    widths = ranges.ends - ranges.starts
    before = np.concatenate([[0], np.cumsum(widths)])
    index = np.searchsorted(ranges.starts, positions, side="right") - 1
    inside = np.minimum(positions - ranges.starts[index], widths[index])
    return np.where(index < 0, 0, before[index] + inside)


def covered_within(ranges: Ranges, starts: Integers, ends: Integers) -> Integers:
    """Covered positions within each of the intervals [starts, ends): int64 (n,)."""
    return covered_before(ranges, ends) - covered_before(ranges, starts)
