"""Answers to what was asked before, in bounded memory."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class Cache:
    """Arrays by key; those not asked for the longest go first.

    Args:
        most: bytes of arrays to keep.
    """

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._kept: OrderedDict[bytes, Values] = OrderedDict()

    def __len__(self) -> int:
        """Number of arrays."""
        return len(self._kept)

    def get(self, key: bytes) -> Values | None:
        """What is kept of a key, or None."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def keep(self, key: bytes, values: Values) -> None:
        """Keep an array, which must not be changed any more."""
        if key in self._kept or values.nbytes > self._most:
            return
        self._kept[key] = values
        self._bytes += values.nbytes
        while self._bytes > self._most:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.nbytes


def key_of(*parts: NDArray[np.generic] | str) -> bytes:
    """SHA-256 of arrays, their shapes, and words."""
    digest = hashlib.sha256()
    for array in map(np.asarray, parts):
        digest.update(f"{array.shape} {array.dtype} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()
