"""Sequences longer than a window: which windows are explained, and how they are joined."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError

Floats = NDArray[np.float32]


class Place(NamedTuple):
    """A window on a sequence, and the part of it that counts.

    start: its first base on the sequence, 0-based.
    first, end: of the part, half-open, within the window.
    """

    start: int
    first: int
    end: int


class Overlap(NamedTuple):
    """Windows of `length` bases, `step` apart, the last one at the sequence's end.

    At an end of a window the network sees nothing of what is beyond it. So `margin` bases at each
    end do not count, but at the ends of the sequence; and where two windows overlap, they are
    averaged with weights that fade linearly towards both ends.
    """

    length: int
    step: int

    @classmethod
    def of(cls, length: int, step: int | None = None) -> Overlap:
        """By default windows are a quarter of a window apart.

        Raises:
            InputError: a step below 1, or one that leaves bases out.
        """
        step = max(length // 4, 1) if step is None else step
        if not 1 <= step <= length:
            raise InputError(
                f"a step of {step} bases is not possible: give 1 to {length}, the model's window"
            )
        return cls(length, step)

    @property
    def margin(self) -> int:
        """Bases at an end that do not count: an eighth of a window, or fewer with long steps."""
        return min(self.length // 8, (self.length - self.step) // 2)

    def places(self, size: int) -> list[Place]:
        """The windows of a sequence of `size` bases, which has `length` or more."""
        last = size - self.length
        starts = [*range(0, last, self.step), last]
        return [
            Place(
                start,
                0 if start == 0 else self.margin,
                self.length if start == last else self.length - self.margin,
            )
            for start in starts
        ]

    def weights(self, place: Place) -> Floats:
        """Of the bases that count (end - first,), at least 1."""
        at = np.arange(place.first, place.end)
        inside = np.minimum(at - self.margin + 1, self.length - self.margin - at)
        return np.maximum(inside, 1).astype(np.float32)


class Mean:
    """The weighted mean, base by base, of what windows say of a sequence.

    Args:
        shape: of the mean; the last axis is the sequence.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._sum = np.zeros(shape, np.float32)
        self._weight = np.zeros(shape[-1], np.float32)

    def add(self, first: int, values: Floats, weights: Floats) -> None:
        """Values (..., k) of the bases from `first` on, with weights (k,)."""
        here = slice(first, first + weights.size)
        self._sum[..., here] += values * weights
        self._weight[here] += weights

    def result(self) -> Floats:
        """The mean; every base must have been told."""
        return np.asarray(self._sum / self._weight, np.float32)
