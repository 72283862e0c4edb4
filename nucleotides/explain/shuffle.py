"""Shuffles of sequences that keep their dinucleotides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.data.draws import FIRST, GOLDEN, SECOND
from nucleotides.explain.check_windows import check_codes, check_number

Codes = NDArray[np.uint8]

_LETTERS = 5


def shuffle_dinucleotides(codes: Codes, copies: int = 20, seed: int = 0) -> Codes:
    """Shuffles with each dinucleotide as often as before, and so the same bases and ends.

    Each sequence with these counts is as likely as any other (Altschul and Erickson 1985,
    10.1093/oxfordjournals.molbev.a040370): of every letter, the last way out is drawn by a random
    walk that erases its loops (Wilson 1996, 10.1145/237814.237880), which makes every tree of last
    ways equally likely; the other ways are shuffled. N counts as a letter.

    Args:
        codes: uint8 (n, length), values 0 to 4.
        copies: shuffles of each sequence.
        seed: copy k of a sequence depends on it, k and the sequence alone.

    Returns:
        uint8 (n, copies, length).

    Raises:
        InputError: an array of another shape or kind, or no copies.
    """
    codes = check_codes(codes)
    check_number("copies", copies)
    out = np.empty((len(codes), copies, codes.shape[1]), np.uint8)
    words = (np.uint64(word % 2**64) for word in (seed, GOLDEN, FIRST, SECOND))
    if codes.shape[1]:
        compiled(_shuffle)(np.ascontiguousarray(codes), *words, _LETTERS, out)
    return out


def _shuffle(codes, seed, golden, first, second, n_letters, out):  # type: ignore[no-untyped-def]
    length = codes.shape[1]
    ways = np.empty((n_letters, length), np.uint8)  # what follows each letter, in any order
    n_ways = np.empty(n_letters, np.int64)
    last = np.empty(n_letters, np.int64)
    used = np.empty(n_letters, np.int64)
    in_tree = np.empty(n_letters, np.bool_)
    for row in range(codes.shape[0]):
        n_ways[:] = 0
        for i in range(length - 1):
            a = codes[row, i]
            ways[a, n_ways[a]] = codes[row, i + 1]
            n_ways[a] += 1
        for copy in range(out.shape[1]):
            state = (seed + np.uint64(1)) * first + np.uint64(copy) * second
            in_tree[:] = False
            in_tree[codes[row, length - 1]] = True
            used[:] = 0
            for begin in range(n_letters):
                if n_ways[begin] == 0:
                    continue
                at = np.int64(begin)
                while not in_tree[at]:
                    state += golden
                    z = (state ^ (state >> np.uint64(30))) * first
                    z = (z ^ (z >> np.uint64(27))) * second
                    z = (z ^ (z >> np.uint64(31))) >> np.uint64(32)
                    last[at] = np.int64((z * np.uint64(n_ways[at])) >> np.uint64(32))
                    at = np.int64(ways[at, last[at]])
                at = np.int64(begin)
                while not in_tree[at]:
                    in_tree[at] = True
                    used[at] = 1
                    at = np.int64(ways[at, last[at]])
            for a in range(n_letters):
                n = n_ways[a]
                if used[a] == 1:  # its last way goes to the end and stays there
                    ways[a, last[a]], ways[a, n - 1] = ways[a, n - 1], ways[a, last[a]]
                    n -= 1
                for i in range(n - 1, 0, -1):
                    state += golden
                    z = (state ^ (state >> np.uint64(30))) * first
                    z = (z ^ (z >> np.uint64(27))) * second
                    z = (z ^ (z >> np.uint64(31))) >> np.uint64(32)
                    j = np.int64((z * np.uint64(i + 1)) >> np.uint64(32))
                    ways[a, i], ways[a, j] = ways[a, j], ways[a, i]
            used[:] = 0
            at = np.int64(codes[row, 0])
            for i in range(length):
                out[row, copy, i] = at
                if i < length - 1:
                    step = ways[at, used[at]]
                    used[at] += 1
                    at = np.int64(step)
