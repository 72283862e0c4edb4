"""Random numbers as a pure function of where they are used.

A draw is a hash of (seed, epoch, index, stream): no generator, no state, so that any worker,
rank or device, in any order, gets the number that belongs to a sample. The hash is the
finaliser of SplitMix64 (Steele, Lea, Flood 2014, 10.1145/2660193.2660195), applied to each
ingredient in turn. Whole numbers only until the last step: all devices agree to the bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled

_MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def uniform(seed: int, epoch: int, index: NDArray[np.int64], stream: int) -> NDArray[np.float64]:
    """Numbers in [0, 1), one for each index (n,): float64 (n,), 53 random bits each."""
    out = np.empty(index.shape, np.float64)
    before, after = constants(seed, epoch, stream)
    words = (before, after, GOLDEN, FIRST, SECOND)
    compiled(_uniform)(index, *map(np.uint64, words), out)
    return out


def constants(seed: int, epoch: int, stream: int) -> tuple[int, int]:
    """What is the same for all indices: added before the index is mixed in, and after."""
    state = _mix(((seed & _MASK) + GOLDEN * (epoch + 1)) & _MASK)
    return state, GOLDEN * (stream + 1) & _MASK


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * FIRST) & _MASK
    z = ((z ^ (z >> 27)) * SECOND) & _MASK
    return z ^ (z >> 31)


def _uniform(index, before, after, golden, first, second, out):  # type: ignore[no-untyped-def]
    for i in range(index.size):
        z = before + golden * (np.uint64(index[i]) + np.uint64(1))
        for last in range(2):
            z = (z ^ (z >> np.uint64(30))) * first
            z = (z ^ (z >> np.uint64(27))) * second
            z = z ^ (z >> np.uint64(31))
            if last == 0:
                z += after
        out[i] = np.float64(z >> np.uint64(11)) * 2.0**-53
