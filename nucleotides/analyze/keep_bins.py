"""Which held-out bins are kept with all of their scores: enough to draw and to compare."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.analyze.stretches import stretches
from nucleotides.data.positions import Positions

MOST_STRETCHES = 3
_MOST_SCORES = 50_000_000  # bins x tasks, 5 bytes each


def keep_bins(at: Positions, bin: int, n_tasks: int) -> NDArray[np.int64]:
    """Numbers, rising, of bins side by side: all if they are few, else the beginnings of the
    longest stretches of the genome, so many that their scores fit in 250 MB.

    Args:
        at: the held-out bins.
        bin: bases a bin.
        n_tasks: scores a bin.
    """
    room = max(_MOST_SCORES // n_tasks, 1)
    if at.centres.size <= room:
        return np.arange(at.centres.size)
    longest = stretches(at.contigs, at.centres, bin)[:MOST_STRETCHES]
    each = max(room // len(longest), 1)
    return np.sort(np.concatenate([one.rows[:each] for one in longest]))
