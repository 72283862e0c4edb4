"""Disjoint intervals in few bytes: the gap before each and its width, as LEB128.

LEB128 writes a number in groups of seven bits, the lowest first, with the eighth bit set on every
byte but the last. The peaks of an experiment take about five bytes each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.genome.ranges import Ranges

_MOST = 20  # bytes an interval, at most: two numbers of 64 bits


def pack(ranges: Ranges) -> NDArray[np.uint8]:
    """The bytes of sorted, disjoint intervals at 0 or beyond."""
    out = np.empty(_MOST * ranges.starts.size, np.uint8)
    size = compiled(_pack)(ranges.starts, ranges.ends, out)
    return out[:size].copy()


def unpack(packed: NDArray[np.uint8], n: int) -> Ranges:
    """The `n` intervals that `pack` wrote."""
    starts, ends = np.empty(n, np.int64), np.empty(n, np.int64)
    compiled(_unpack)(packed, starts, ends)
    return Ranges(starts, ends)


def _pack(starts, ends, out):  # type: ignore[no-untyped-def]
    at, before = 0, np.int64(0)
    for i in range(starts.size):
        for number in (starts[i] - before, ends[i] - starts[i]):
            while number >= 128:
                out[at] = (number & 127) | 128
                number >>= 7
                at += 1
            out[at] = number
            at += 1
        before = ends[i]
    return at


def _unpack(packed, starts, ends):  # type: ignore[no-untyped-def]
    at, place = 0, np.int64(0)
    for i in range(starts.size):
        for half in range(2):
            shift = 0
            while packed[at] >= 128:
                place += np.int64(packed[at] & 127) << shift
                shift += 7
                at += 1
            place += np.int64(packed[at]) << shift
            at += 1
            if half == 0:
                starts[i] = place
        ends[i] = place
