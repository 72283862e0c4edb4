"""How many bases of each window are known, in one compiled pass over the runs of N."""

from __future__ import annotations

import numpy as np

from nucleotides.compiled import compiled
from nucleotides.genome.ranges import Integers, Ranges


class UnknownBases:
    """Runs of N on one axis, and how many N there are before each."""

    def __init__(self, runs: Ranges) -> None:
        self.runs = runs
        self.before = np.concatenate([[0], np.cumsum(runs.ends - runs.starts)])

    def known(self, lows: Integers, highs: Integers, starts: Integers, length: int) -> Integers:
        """Known bases of windows [start, start + length), each within [low, high): int64 (n,)."""
        out = np.empty(starts.size, np.int64)
        compiled(_known)(*self.runs, self.before, lows, highs, starts, length, out)
        return out


def _known(run_starts, run_ends, before, lows, highs, starts, length, out):  # type: ignore[no-untyped-def]
    for i in range(starts.size):
        total = np.int64(0)
        inside = (
            min(max(starts[i], lows[i]), highs[i]),
            min(max(starts[i] + length, lows[i]), highs[i]),
        )
        for sign, place in ((-1, inside[0]), (1, inside[1])):
            # The last run that begins at or before the place: halving without a branch to guess.
            at, left = 0, run_starts.size
            while left > 1:
                half = left >> 1
                at += half if run_starts[at + half] <= place else 0
                left -= half
            unknown = before[at]
            if run_starts.size and run_starts[at] <= place:
                unknown += min(place, run_ends[at]) - run_starts[at]
            total += sign * (place - unknown)
        out[i] = total
