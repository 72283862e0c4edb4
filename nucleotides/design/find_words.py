"""Where words occur in sequences, and which exchanges of a base would make one occur."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Words = Sequence[NDArray[np.bool_]]


def occurs(codes: Codes, words: Words) -> NDArray[np.bool_]:
    """Whether any word occurs, (n,) of codes (n, length); an N matches nothing."""
    found = np.zeros(len(codes), np.bool_)
    for word in words:
        if len(word) <= codes.shape[1]:
            found |= (_mismatches(codes, word).sum(-1) == 0).any(1)
    return found


def would_make(codes: Codes, words: Words) -> NDArray[np.bool_]:
    """Which exchanges make a word occur, (n, length, 4), of codes (n, length) without one."""
    n, length = codes.shape
    made = np.zeros((n, length, 4), np.bool_)
    for word in words:
        width = len(word)
        if width > length:
            continue
        wrong = _mismatches(codes, word)
        total = wrong.sum(-1, dtype=np.int16)
        for i, bases in enumerate(word):
            ready = total == wrong[..., i]  # all else of the word is there
            made[:, i : length - width + 1 + i] |= ready[..., None] & bases
    return made


def _mismatches(codes: Codes, word: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n, places, width): where a word laid at a place does not match."""
    width = len(word)
    matches = np.concatenate([word, np.zeros((width, 1), np.bool_)], axis=1)
    windows = sliding_window_view(codes, width, axis=1)
    return ~matches[np.arange(width), windows]
