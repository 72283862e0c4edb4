"""Where a task is positive: intervals of bin centres, computed once from its merged peaks.

The rule (that of Selene, 10.1038/s41592-019-0360-8, and of DeepSEA, 10.1038/nmeth.3547): a bin
of B bases with centre p is [p - B//2, p - B//2 + B); it is positive if and only if the union of
the task's peaks covers at least `needed_bases(B, threshold)` of its bases.
"""

from __future__ import annotations

import numpy as np

from nucleotides.errors import InputError
from nucleotides.genome.ranges import Integers, Ranges, covered_within, merge


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

    A peak farther than a bin from its neighbours has a closed form; among nearer ones the covered
    part of a sliding bin is piecewise linear, and each linear piece is solved for the threshold.
    """
    need, half = needed_bases(bin, threshold), bin // 2
    starts, ends = peaks
    near = starts[1:] - ends[:-1] < bin
    crowded = np.concatenate([near, [False]]) | np.concatenate([[False], near])
    if not starts.size:
        return peaks
    alone = ~crowded & (ends - starts >= need)
    first, after = [starts[alone] + need - bin], [ends[alone] - need + 1]
    if crowded.any():
        low, high = _crowded(Ranges(starts[crowded], ends[crowded]), bin, need)
        first.append(low)
        after.append(high)
    return merge(np.concatenate(first) + half, np.concatenate(after) + half)


def _crowded(peaks: Ranges, bin: int, need: int) -> tuple[Integers, Integers]:
    """Left edges [low, high) of positive bins, between knots of the covered part."""
    knots = np.unique(
        np.concatenate([peaks.starts - bin, peaks.starts, peaks.ends - bin, peaks.ends])
    )
    covered = covered_within(peaks, knots, knots + bin)
    k0, k1 = knots[:-1], knots[1:]
    c0, c1 = covered[:-1], covered[1:]
    low = np.where(c0 >= need, k0, k0 + (need - c0))
    high = np.where(c1 >= need, k1, k0 + (c0 - need) + 1)
    some = ((c0 >= need) | (c1 >= need)) & (high > low)
    return low[some], high[some]
