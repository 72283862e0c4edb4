"""Random numbers as a pure function of where they are used.

A draw is a hash of (seed, epoch, index, stream): no generator, no state, so that any worker,
rank or device, in any order, gets the number that belongs to a sample. The hash is the
finaliser of SplitMix64 (Steele, Lea, Flood 2014, 10.1145/2660193.2660195), applied to each
ingredient in turn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15


def uniform(seed: int, epoch: int, index: NDArray[np.int64], stream: int) -> NDArray[np.float64]:
    """Numbers in [0, 1), one for each index (n,): float64 (n,), 53 random bits each."""
    state = np.full(index.shape, seed & _MASK, np.uint64)
    state = _mix(state + np.uint64(_GOLDEN * (epoch + 1) & _MASK))
    state = _mix(state + np.uint64(_GOLDEN) * (index.astype(np.uint64) + np.uint64(1)))
    state = _mix(state + np.uint64(_GOLDEN * (stream + 1) & _MASK))
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
