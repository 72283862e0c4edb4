"""What each base contributes, from what its exchange changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def hypothetical(effects: NDArray[Any]) -> Floats:
    """What each base would contribute at each position, were it there.

    A base's contribution is its logit less the mean of those of the three others: what is lost, on
    average, by losing it. So the four of a position sum to 0, and one that does not matter has 0.

    Args:
        effects: (..., 4, length) as `saturation_mutagenesis` gives them.

    Returns:
        float32 of the same shape.
    """
    mean = effects.mean(axis=-2, keepdims=True)
    return np.asarray((effects - mean) * (4 / 3), np.float32)


def actual(hypothetical: NDArray[Any], codes: NDArray[np.uint8]) -> Floats:
    """What the bases that are there contribute.

    Args:
        hypothetical: (n, ..., 4, length).
        codes: (n, length); an N contributes nothing.

    Returns:
        float32 (n, ..., length).
    """
    there = (codes[:, None, :] == np.arange(4)[:, None]).astype(np.float32)
    between = (1,) * (hypothetical.ndim - 3)
    there = there.reshape(len(codes), *between, 4, codes.shape[1])
    return np.asarray((hypothetical * there).sum(axis=-2), np.float32)
