"""Positions whose windows have the dinucleotide composition of the intervals' windows.

From 2^18 positions drawn with matching GC content outside of the intervals (a pool, fixed for a
seed), each with a weight. The weights are found by raking (iterative proportional fitting,
10.1214/aoms/1177731829): for each of the ten dinucleotide classes that a strand and its reverse
complement share, and for GC content, the weighted pool has the same part of its windows in each of
20 bins as the intervals have; the bins are the intervals' own quantiles. So the eleven
distributions agree bin by bin (after 50 rounds, up to a remainder that `Raked.distance` tells); how
they hang together is as in the pool. No other position is ever drawn: a pool, not the whole genome.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.data.draws import uniform
from nucleotides.data.strata import Strata
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers, Ranges

POOL, BINS, ROUNDS = 1 << 18, 20, 50
_STREAM = 1 << 21  # of the hash, away from those of samples
_AT_ONCE = 4096
CLASSES = np.array([0, 1, 2, 3, 4, 5, 6, 2, 7, 8, 5, 1, 9, 7, 4, 0])
"""The class of each pair of codes 4 a + b: AA/TT, AC/GT, AG/CT, AT, CA/TG, CC/GG, CG, GA/TC, GC,
TA."""
_GC = np.array([0, 0.5, 0.5, 0, 0.5, 1, 1, 0.5, 1, 0], np.float32)


class Raked(NamedTuple):
    """Weights of the pool (n,), of sum 1, and how well they fit.

    distance: the largest total variation distance of a class, in its bins.
    effective: number of equally weighted windows that are as good: 1 / sum of squares.
    """

    weights: NDArray[np.float64]
    distance: float
    effective: float


def dinucleotide_matched(
    genome: GenomeStore, inside: Strata, gc_pool: Strata, length: int, seed: int, size: int = POOL
) -> tuple[Strata, Raked]:
    """Positions drawn from `gc_pool`, weighted to have the composition of those of `inside`."""
    cells = np.unique(_draw(gc_pool, seed, 2, size))
    have, wanted = (
        frequencies(genome, inside, some, length) for some in (cells, _draw(inside, seed, 0, size))
    )
    raked = rake(_with_gc(have), _with_gc(wanted))
    kept = np.flatnonzero(raked.weights)
    ones = Ranges(cells[kept], cells[kept] + 1)
    n = kept.size
    strata = Strata(
        inside.layout,
        ones.starts.astype(gc_pool.starts.dtype),
        np.zeros(n, gc_pool.before.dtype),
        np.arange(n + 1),
        np.ones(n, np.int64),
        raked.weights[kept],
    )
    return strata, raked


def _draw(strata: Strata, seed: int, stream: int, size: int) -> Integers:
    index = np.arange(size)
    numbers = (uniform(seed, 0, index, _STREAM + stream + k) for k in range(2))
    return strata.pick_cells(*numbers)


def frequencies(
    genome: GenomeStore, strata: Strata, cells: Integers, length: int
) -> NDArray[np.float32]:
    """Part of each class among the dinucleotides of the windows: float32 (n, 10)."""
    zero = strata.layout.zero
    contigs = np.searchsorted(zero, cells, side="right") - 1
    starts = cells - zero[contigs] - length // 2
    out = np.zeros((cells.size, 10), np.float32)
    for low in range(0, cells.size, _AT_ONCE):
        some = slice(low, low + _AT_ONCE)
        codes = genome.windows(contigs[some], starts[some], length)
        compiled(_tally)(codes, CLASSES, out[some])
    out /= np.maximum(out.sum(1, keepdims=True), 1)
    return out


def _with_gc(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.column_stack([rows, rows @ _GC])


def rake(pool: NDArray[np.float32], wanted: NDArray[np.float32]) -> Raked:
    """Weights (n,) of the rows of `pool` (n, features) that give each feature of `wanted`."""
    bins, targets = [], []
    for have, want in zip(pool.T, wanted.T, strict=True):
        edges = np.unique(np.quantile(want, np.arange(1, BINS) / BINS))
        bins.append(np.searchsorted(edges, have, side="right"))
        found = np.bincount(np.searchsorted(edges, want, side="right"), minlength=edges.size + 1)
        targets.append(found / want.size)
    weights = np.full(len(pool), 1 / len(pool))
    for _ in range(ROUNDS):
        for which, target in zip(bins, targets, strict=True):
            there = np.bincount(which, weights, target.size)
            weights *= np.divide(target, there, out=np.zeros_like(target), where=there > 0)[which]
            weights /= weights.sum()
    distance = max(
        float(np.abs(np.bincount(which, weights, target.size) - target).sum()) / 2
        for which, target in zip(bins, targets, strict=True)
    )
    return Raked(weights, distance, float(1 / np.square(weights).sum()))


def _tally(codes, classes, out):  # type: ignore[no-untyped-def]
    for i in range(codes.shape[0]):
        for j in range(codes.shape[1] - 1):
            a, b = np.int64(codes[i, j]), np.int64(codes[i, j + 1])
            if a < 4 and b < 4:
                out[i, classes[4 * a + b]] += 1
