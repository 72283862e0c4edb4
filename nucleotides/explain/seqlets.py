"""Seqlets: stretches whose contributions stand out of the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COLUMNS = {
    "window": np.int64,
    "start": np.int64,
    "end": np.int64,
    "score": np.float64,
    "p": np.float64,
}
_PERCENTILES = np.arange(5, 100, 5)


def find_seqlets(
    contributions: NDArray[Any], *, width: int = 15, fdr: float = 0.2, core: float = 0.9
) -> pd.DataFrame:
    """Stretches whose sum stands out, the highest of each window first.

    As TF-MoDISco finds them (Shrikumar et al. 2018, arXiv 1811.00416): sums over `width` positions
    are held against a Laplace distribution about their median, fitted by the percentiles of each
    side, the steepest of which counts; those are kept whose false discovery rate, by Benjamini and
    Hochberg over all places of all windows, is at most `fdr`. A stretch is cut to its core, the
    shortest part that holds `core` of its sum; what is found next is found without it, so that
    neighbours are told apart.

    Args:
        contributions: (n, length) of one task.
        width: bases of a sum.
        fdr: of the sums.
        core: part of a stretch's sum that is kept.

    Returns:
        `window`, `start`, `end` (0-based, half-open, within the window), `score`: the sum of its
        contributions; `p` of the sum it was found by. By window, then from strong to weak. Which
        strand it is on cannot be known.
    """
    tracks = np.asarray(contributions, np.float64)
    if not tracks.size or tracks.shape[1] < width:
        return _table([])
    sums = _sums(tracks, width)
    null = Null.of(sums)
    highest_p = _threshold(null.p(sums), fdr)
    found = []
    for window, track in enumerate(tracks):
        found += [(window, *one) for one in _pursue(track.copy(), width, null, highest_p, core)]
    return _table(found)


class Null:
    """A Laplace distribution with two sides.

    Args:
        centre: where they meet.
        above, below: their rates.
    """

    def __init__(self, centre: float, above: float, below: float) -> None:
        self.centre, self.above, self.below = centre, above, below

    @classmethod
    def of(cls, sums: Floats) -> Null:
        """Fitted to sums (any shape), most of which are of nothing."""
        centre = float(np.median(sums))
        away = sums.ravel() - centre
        return cls(centre, _rate(away[away > 0]), _rate(-away[away < 0]))

    def p(self, sums: Floats) -> Floats:
        """The part of sums that are as far out, on either side, or farther."""
        away = sums - self.centre
        return np.asarray(np.exp(-np.where(away > 0, self.above * away, -self.below * away)))


def _rate(away: Floats) -> float:
    """Of an exponential, by its percentiles: the steepest."""
    if not away.size:
        return 0.0
    at = np.percentile(away, _PERCENTILES)
    return float(np.max(-np.log(1 - _PERCENTILES / 100) / np.maximum(at, 1e-300)))


def _threshold(p: Floats, fdr: float) -> float:
    """The highest p that Benjamini and Hochberg keep, or -1."""
    ordered = np.sort(p, axis=None)
    kept = np.flatnonzero(ordered <= fdr * np.arange(1, ordered.size + 1) / ordered.size)
    return float(ordered[kept[-1]]) if kept.size else -1.0


def _pursue(
    track: Floats, width: int, null: Null, highest_p: float, core: float
) -> list[tuple[int, int, float, float]]:
    """Start, end, score and p of a window's seqlets; the track is used up."""
    found = list[tuple[int, int, float, float]]()
    while True:
        p = null.p(_sums(track, width))
        first = int(p.argmin())
        if p[first] > highest_p:
            return found
        begin, end = _core(track[first : first + width], core)
        here = slice(first + begin, first + end)
        found.append((here.start, here.stop, float(track[here].sum()), float(p[first])))
        if not track[here].any():
            return found[:-1]
        track[here] = 0


def _core(stretch: Floats, part: float) -> tuple[int, int]:
    """The shortest run that holds `part` of a stretch's sum; of several the one that holds most."""
    total = np.concatenate([[0.0], np.cumsum(stretch * np.sign(stretch.sum()))])
    held = total[None, :] - total[:, None]
    length = np.arange(total.size)[None, :] - np.arange(total.size)[:, None]
    fits = (held >= part * total[-1]) & (length > 0)
    shortest = length[fits].min()
    begin, end = np.unravel_index(
        np.argmax(np.where(fits & (length == shortest), held, -np.inf)), held.shape
    )
    return int(begin), int(end)


def _sums(tracks: Floats, width: int) -> Floats:
    """Sums over every `width` positions, along the last axis."""
    windows = np.lib.stride_tricks.sliding_window_view(tracks, width, axis=-1)
    return np.asarray(windows.sum(axis=-1))


def _table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
