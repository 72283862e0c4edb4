"""Places at which motifs may be written."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class Sites(NamedTuple):
    """Motifs at places: number of the oriented motif, first position (k,) each."""

    word: Integers
    first: Integers


def all_sites(words: Integers, sizes: Integers, length: int, spacing: int) -> Sites:
    """Motifs at places so far apart, all over the sequence."""
    firsts = [np.arange(0, length - sizes[word] + 1, spacing) for word in words]
    first = np.concatenate([np.empty(0, np.int64), *firsts])
    return Sites(np.repeat(words, [some.size for some in firsts]), first)


def distance(sites: Sites, sizes: Integers, edited: Integers, length: int) -> Integers:
    """From the middle of each site to the nearest edit, or of the sequence if there is none."""
    edited = edited if edited.size else np.array([length // 2])
    middle = sites.first + sizes[sites.word] // 2
    after = np.searchsorted(edited, middle)
    left, right = (edited[np.clip(at, 0, edited.size - 1)] for at in (after - 1, after))
    return np.asarray(np.minimum(np.abs(middle - left), np.abs(right - middle)))
