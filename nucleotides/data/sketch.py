"""Like sequence by shared k-mers: FracMinHash sketches of windows (10.1101/2022.01.11.475838).

A k-mer (k = 21) and its reverse complement are one; of a window of 1000 bases those are kept whose
hash is among the lowest eighth, of longer ones fewer, of 250 bases and less all: a sketch has about
120. A window's containment in a stretch of other sequence is the part of them found there. With
substitutions at a rate m, a k-mer stays intact with probability (1 - m)^21: containment is 0.34 at
5 %, 0.2 at 7.4 %, and next to 0 for unrelated sequence, whatever its base composition. k-mers that
more than 64 of the windows hold (Alu, satellites) are left out of sketches; a window that has fewer
than 20 left is not compared.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled

K, MOST_WINDOWS, LEAST_KEPT = 21, 64, 20
_BASES_A_PART = 125


class Sketches(NamedTuple):
    """k-mers of windows as one table.

    hashes (m,): distinct kept k-mers, sorted, uint64. first (m + 1,): offsets into `windows`, the
    numbers of the windows that hold each. sizes (n,): k-mers of each window's sketch.
    filter: bytes that rule out most k-mers. part: one in so many k-mers is kept.
    """

    hashes: NDArray[np.uint64]
    first: NDArray[np.int64]
    windows: NDArray[np.int64]
    sizes: NDArray[np.int64]
    filter: NDArray[np.uint8]
    part: int


def make_sketches(codes: NDArray[np.uint8]) -> Sketches:
    """Sketches of windows: codes uint8 (n, length)."""
    rows, length = codes.shape
    part = max(length // _BASES_A_PART, 1)
    out = np.empty(rows * max(length - K + 1, 0), np.uint64)
    owner = np.empty(out.size, np.int64)
    n = compiled(_collect)(codes, K, part, out, owner)
    order = np.argsort(out[:n], kind="stable")  # stable: rows stay in order
    found, rows_of = out[:n][order], owner[:n][order]
    new = np.append(True, (np.diff(found) > 0) | (np.diff(rows_of) > 0))[:n]
    found, rows_of = found[new], rows_of[new]
    hashes, counts = np.unique(found, return_counts=True)
    windows = rows_of[np.repeat(counts <= MOST_WINDOWS, counts)]
    sizes = np.bincount(windows, minlength=rows)
    hashes, counts = hashes[counts <= MOST_WINDOWS], counts[counts <= MOST_WINDOWS]
    bits = min(max(int(hashes.size * 8).bit_length(), 10), 24)
    table = np.zeros(1 << bits, np.uint8)
    table[_spread(hashes, part) >> np.uint64(64 - bits)] = 1
    return Sketches(hashes, np.concatenate([[0], np.cumsum(counts)]), windows, sizes, table, part)


def shared(codes: NDArray[np.uint8], sketches: Sketches, length: int) -> NDArray[np.int64]:
    """The most k-mers that each window shares with one tile of `codes` (n,).

    Tiles are `length` long and begin at every half length; a shared stretch of a window's length
    lies in one of them by three quarters at least. A k-mer counts once a tile.

    Returns:
        int64 (2, windows): the most shared k-mers, and the first position of that tile.
    """
    n = sketches.sizes.size
    best = np.zeros((2, n), np.int64)
    if sketches.hashes.size:
        table = (sketches.hashes, sketches.first, sketches.windows, sketches.filter)
        last, count = np.full((2, n), -1, np.int64), np.zeros((2, n), np.int64)
        seen = np.full((2, sketches.windows.size), -1, np.int32)
        compiled(_scan)(codes, K, sketches.part, length, *table, last, count, seen, best)
    return best


def _spread(hashes: NDArray[np.uint64], part: int) -> NDArray[np.uint64]:
    """Kept hashes are small numbers: multiplied, their upper bits differ."""
    return hashes * np.uint64(part)


def _collect(codes, k, part, out, owner):  # type: ignore[no-untyped-def]
    """Kept k-mers of every row, and the row of each; how many."""
    n = 0
    limit = np.uint64(0xFFFFFFFFFFFFFFFF) // np.uint64(part)
    mask = (np.uint64(1) << np.uint64(2 * k)) - np.uint64(1)
    top = np.uint64(2 * (k - 1))
    for row in range(codes.shape[0]):
        forward, backward, known = np.uint64(0), np.uint64(0), 0
        for i in range(codes.shape[1]):
            code = np.uint64(codes[row, i])
            if code > np.uint64(3):
                known = 0
                continue
            forward = ((forward << np.uint64(2)) | code) & mask
            backward = (backward >> np.uint64(2)) | ((np.uint64(3) - code) << top)
            known += 1
            if known < k:
                continue
            z = min(forward, backward) + np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
            if z < limit:
                out[n], owner[n] = z, row
                n += 1
    return n


def _scan(  # type: ignore[no-untyped-def]
    codes, k, part, length, hashes, first, windows, bits, last, count, seen, best
):
    limit = np.uint64(0xFFFFFFFFFFFFFFFF) // np.uint64(part)
    mask = (np.uint64(1) << np.uint64(2 * k)) - np.uint64(1)
    top = np.uint64(2 * (k - 1))
    width = 0
    while (1 << width) < bits.size:
        width += 1
    shift = np.uint64(64 - width)
    forward, backward, known = np.uint64(0), np.uint64(0), 0
    half = (length + 1) // 2
    for i in range(codes.size):
        code = np.uint64(codes[i])
        if code > np.uint64(3):
            known = 0
            continue
        forward = ((forward << np.uint64(2)) | code) & mask
        backward = (backward >> np.uint64(2)) | ((np.uint64(3) - code) << top)
        known += 1
        if known < k:
            continue
        z = min(forward, backward) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        if z >= limit or bits[(z * np.uint64(part)) >> shift] == 0:
            continue
        low, high = 0, hashes.size
        while low < high:
            middle = (low + high) // 2
            if hashes[middle] < z:
                low = middle + 1
            else:
                high = middle
        if low == hashes.size or hashes[low] != z:
            continue
        at = i - k + 1
        for j in range(first[low], first[low + 1]):
            w = windows[j]
            for phase in range(2):
                if phase and at < half:
                    continue
                tile = (at - half * phase) // (2 * half)
                if last[phase, w] != tile:
                    last[phase, w], count[phase, w] = tile, 0
                if seen[phase, j] != tile:
                    seen[phase, j] = tile
                    count[phase, w] += 1
                    if count[phase, w] > best[0, w]:
                        best[0, w] = count[phase, w]
                        best[1, w] = tile * 2 * half + half * phase
