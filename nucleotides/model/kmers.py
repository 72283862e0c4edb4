"""Frequencies of short words, the two strands taken as one."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

Word = tuple[int, ...]


def merge_strands(longest: int) -> NDArray[np.float32]:
    """The matrix that turns frequencies of words into those of shorter ones, strands merged.

    Args:
        longest: bases of the words counted.

    Returns:
        (4**longest, n): a row a word, in the order of codes A C G T; a column for each k-mer of
        1 to `longest` bases, a k-mer and its reverse complement sharing one. A word counts half
        for the k-mer at its start and half for the one at its end, so that a sequence and its
        reverse complement have the same frequencies.
    """
    words = list(product(range(4), repeat=longest))
    blocks = []
    for k in range(1, longest + 1):
        merged = sorted({_canonical(word) for word in product(range(4), repeat=k)})
        column = {word: i for i, word in enumerate(merged)}
        block = np.zeros((len(words), len(column)), np.float32)
        for row, word in enumerate(words):
            for part in (word[:k], word[longest - k :]):
                block[row, column[_canonical(part)]] += 0.5
        blocks.append(block)
    return np.concatenate(blocks, 1)


def _canonical(word: Word) -> Word:
    """The smaller of a word and its reverse complement."""
    return min(word, tuple(3 - base for base in word[::-1]))
