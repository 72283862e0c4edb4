"""Which bins tasks are compared at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nucleotides.data.positions import Positions
from nucleotides.genome.ranges import Integers, Ranges
from nucleotides.targets import TargetStore
from nucleotides.targets.count import over_tasks
from nucleotides.targets.layout import Layout
from nucleotides.targets.union import union


def sampled_bins(targets: TargetStore, n: int, seed: int = 0) -> Positions:
    """Bins of the store's grid at which a task is positive: all of them, or `n` if there are more.

    The grid is that of bins side by side from the first base of each contig, whole ones only.
    Which are taken depends on the seed alone. Memory grows with the union of all peaks.

    Returns:
        Centres, 0-based, in the order of the genome, on the forward strand.
    """
    layout = Layout(targets.contigs, targets.bin)
    centres = union(over_tasks(targets, lambda found: found, targets.bin, targets.threshold))
    contigs, first, count = _grid_bins(layout.split(centres), layout.lengths, targets.bin)
    after = np.cumsum(count)
    chosen = _drawn(int(after[-1]) if after.size else 0, n, seed)
    stretch = np.searchsorted(after, chosen, side="right")
    numbers = first[stretch] + chosen - (after - count)[stretch]
    zeros = np.zeros(chosen.size, np.int64)
    at = numbers * targets.bin + targets.bin // 2
    return Positions(contigs[stretch], at, zeros.astype(bool), zeros)


def _grid_bins(
    positive: Sequence[Ranges], lengths: Integers, bin: int
) -> tuple[Integers, Integers, Integers]:
    """By stretch of positive centres: contig, first bin with its centre there, number of them."""
    found = []
    for contig, (ranges, length) in enumerate(zip(positive, lengths, strict=True)):
        low, high = (np.clip(-((bin // 2 - x) // bin), 0, length // bin) for x in ranges)
        found.append((np.full(low.size, contig), low, high - low))
    contigs, first, count = (np.concatenate(part) for part in zip(*found, strict=True))
    return contigs, first, count


def _drawn(total: int, n: int, seed: int) -> Integers:
    """All numbers below `total`, or `n` of them, in order."""
    if total <= n:
        return np.arange(total)
    return np.sort(np.random.default_rng(seed).choice(total, n, replace=False, shuffle=False))
