"""The union of many sets of intervals, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nucleotides.genome.ranges import Ranges, merge

_AT_ONCE = 4_000_000


def union(layers: Iterable[Ranges]) -> Ranges:
    """Positions that any layer covers; the layers are taken a few million intervals at a time."""
    empty = np.empty(0, np.int64)
    waiting, size = [Ranges(empty, empty)], 0
    for layer in layers:
        waiting.append(layer)
        size += layer.starts.size
        if size > _AT_ONCE:
            waiting, size = [_merged(waiting)], 0
    return _merged(waiting)


def _merged(layers: list[Ranges]) -> Ranges:
    starts, ends = zip(*layers, strict=True)
    return merge(np.concatenate(starts), np.concatenate(ends))
