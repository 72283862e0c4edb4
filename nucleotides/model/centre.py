"""What lies about the centre of a window, where its labels are."""

from __future__ import annotations

import math

from torch import Tensor


def central_positions(positions: int, bases_each: int, bases: int) -> int:
    """How many positions cover the window's central bases, as many on either side.

    Args:
        positions: along the window.
        bases_each: that a position stands for.
        bases: to be covered.

    Returns:
        Their number, of the parity of `positions`, so that they lie in the middle; 1 or more.
    """
    needed = max(1, math.ceil(bases / bases_each))
    return min(positions, needed + (positions - needed) % 2)


def crop(x: Tensor, positions: int) -> Tensor:
    """The middle of the second dimension: (batch, n, ...) to (batch, positions, ...)."""
    begin = (x.shape[1] - positions) // 2
    return x[:, begin : begin + positions]
