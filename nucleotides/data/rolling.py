"""Windows of the same content, on either strand, at any offset: a rolling hash and a check.

A window of codes c_0 ... c_{L-1} hashes to the sum of v(c_i) b^(L-1-i) modulo 2^64, its reverse
complement likewise; the lesser of the two stands for both. Going on by a base costs two
multiplications, so every window of a genome is looked at. What hashes alike is then compared.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled

Hashes = NDArray[np.uint64]
_MASK = 2**64 - 1
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
_VALUES = (
    0xBF58476D1CE4E5B9,
    0x94D049BB133111EB,
    0xD6E8FEB86659FD93,
    0xA0761D6478BD642F,
    0xE7037ED1A0B428DB,
)
_COMPLEMENT = (3, 2, 1, 0, 4)


class Roll(NamedTuple):
    """Tables of uint64 for one window length: value of each code, and of its complement.

    factor holds the base and its inverse; `enter` and `leave` the values times base^(L-1).
    """

    factor: Hashes
    value: Hashes
    complement: Hashes
    leave: Hashes
    enter: Hashes

    @classmethod
    def of(cls, length: int) -> Roll:
        """For windows of `length` codes."""
        top = pow(_BASE, length - 1, 1 << 64)
        comp = [_VALUES[c] for c in _COMPLEMENT]
        return cls(
            _hashes([_BASE, pow(_BASE, -1, 1 << 64)]),
            _hashes(_VALUES),
            _hashes(comp),
            _hashes([v * top for v in _VALUES]),
            _hashes([v * top for v in comp]),
        )


def _hashes(numbers: list[int] | tuple[int, ...]) -> Hashes:
    return np.array([number & _MASK for number in numbers], np.uint64)


def row_hashes(codes: NDArray[np.uint8]) -> Hashes:
    """The hash of each row of codes (n, length): uint64 (n,)."""
    out = np.empty(len(codes), np.uint64)
    compiled(_hash_rows)(codes, *Roll.of(codes.shape[1])[:3], out)
    return out


def first_places(
    codes: NDArray[np.uint8], length: int, table: Hashes, filter_bits: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """The first window of `codes` with each hash of `table` (sorted): int64 (m,), -1 for none.

    Args:
        filter_bits: 2^n bytes made by `make_filter`; most windows are ruled out by it.
    """
    out = np.full(table.size, -1, np.int64)
    if codes.size >= length and table.size:
        compiled(_search)(codes, length, *Roll.of(length), table, filter_bits, out)
    return out


def make_filter(hashes: Hashes) -> NDArray[np.uint8]:
    """A byte for every value of the upper bits: whether any hash has them; a power of two long."""
    bits = min(max(int(hashes.size * 16).bit_length(), 10), 22)
    out = np.zeros(1 << bits, np.uint8)
    out[hashes >> np.uint64(64 - bits)] = 1
    return out


def _hash_rows(codes, factor, value, complement, out):  # type: ignore[no-untyped-def]
    length = codes.shape[1]
    for row in range(out.size):
        forward, backward = value[0] * np.uint64(0), value[0] * np.uint64(0)
        for i in range(length):
            forward = forward * factor[0] + value[codes[row, i]]
            backward = backward * factor[0] + complement[codes[row, length - 1 - i]]
        out[row] = min(forward, backward)


def _search(codes, length, factor, value, complement, leave, enter, table, bits, out):  # type: ignore[no-untyped-def]
    forward, backward = value[0] * np.uint64(0), value[0] * np.uint64(0)
    for i in range(length):
        forward = forward * factor[0] + value[codes[i]]
        backward = backward * factor[0] + complement[codes[length - 1 - i]]
    width = 0
    while (1 << width) < bits.size:
        width += 1
    shift = np.uint64(64 - width)
    for i in range(codes.size - length + 1):
        if i:
            old, new = codes[i - 1], codes[i + length - 1]
            forward = (forward - leave[old]) * factor[0] + value[new]
            backward = (backward - complement[old]) * factor[1] + enter[new]
        found = min(forward, backward)
        if bits[found >> shift] == 0:
            continue
        low, high = 0, table.size
        while low < high:
            middle = (low + high) // 2
            if table[middle] < found:
                low = middle + 1
            else:
                high = middle
        if low < table.size and table[low] == found and out[low] < 0:
            out[low] = i
