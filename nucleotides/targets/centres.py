"""Where a task is positive: intervals of bin centres, computed once from its merged peaks.

The rule (that of Selene, 10.1038/s41592-019-0360-8, and of DeepSEA, 10.1038/nmeth.3547): a bin
of B bases with centre p is [p - B//2, p - B//2 + B); it is positive if and only if the union of
the task's peaks covers at least `needed_bases(B, threshold)` of its bases.
"""

from __future__ import annotations

import numpy as np

from nucleotides.compiled import compiled
from nucleotides.errors import InputError
from nucleotides.genome.ranges import Ranges


def needed_bases(bin: int, threshold: float) -> int:
    """Covered bases that make a bin positive: trunc(max(0, float32(threshold) * B - 1)) + 1.

    Raises:
        InputError: a bin below 1, or a threshold outside [0, 1].
    """
    if bin < 1:
        raise InputError(f"a bin of {bin} bases cannot be: ask for 1 or more")
    if not 0 <= threshold <= 1:
        raise InputError(f"threshold {threshold} is not within 0 and 1")
    return int(max(np.float32(0), np.float32(threshold) * np.float32(bin) - np.float32(1))) + 1


def positive_centres(peaks: Ranges, bin: int, threshold: float) -> Ranges:
    """Centres at which a bin is positive, given merged peaks of one axis.

    The covered part of a bin that slides along the axis is piecewise linear: it grows while the
    bin's right edge is in a peak, shrinks while its left edge is in one. Each linear piece is
    solved for the threshold.
    """
    return covered_centres(peaks, bin, needed_bases(bin, threshold))


def covered_centres(ranges: Ranges, width: int, need: int) -> Ranges:
    """Centres of windows of `width` bases, at 0 or beyond, with at least `need` covered ones."""
    found = np.empty((2, 2 * ranges.starts.size), np.int64)
    n = compiled(_sweep)(ranges.starts, ranges.ends, width, need, *found)
    return Ranges(found[0, :n] + width // 2, found[1, :n] + width // 2)


def _sweep(starts, ends, bin, need, first, after):  # type: ignore[no-untyped-def]
    """Left edges [first, after) of positive bins, in order; how many intervals."""
    n, covered, at = 0, 0, np.int64(0)
    right_in, right_out, left_in, left_out = 0, 0, 0, 0  # the next peak that an edge gets to
    while left_out < ends.size:
        knot = ends[left_out]
        if left_in < starts.size:
            knot = min(knot, starts[left_in])
        if right_out < ends.size:
            knot = min(knot, ends[right_out] - bin)
        if right_in < starts.size:
            knot = min(knot, starts[right_in] - bin)
        slope = (right_in - right_out) - (left_in - left_out)
        low, high = at, knot
        if slope > 0:
            low = max(low, at + need - covered)
        elif slope < 0:
            high = min(high, at + covered - need + 1)
        if low < high and (slope or covered >= need):
            if n and after[n - 1] == low:
                after[n - 1] = high
            else:
                first[n], after[n] = low, high
                n += 1
        covered += slope * (knot - at)
        at = knot
        right_in += right_in < starts.size and starts[right_in] - bin == knot
        right_out += right_out < ends.size and ends[right_out] - bin == knot
        left_in += left_in < starts.size and starts[left_in] == knot
        left_out += ends[left_out] == knot
    return n
