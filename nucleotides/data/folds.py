"""k folds: the genome dealt to k parts that are alike in length and in number of peaks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from nucleotides.data.splits import Split
from nucleotides.data.strata import Floats
from nucleotides.errors import InputError
from nucleotides.genome import Interval
from nucleotides.genome.ranges import Integers
from nucleotides.targets import TargetStore
from nucleotides.targets.count import peaks_by_stretch

STRETCH = 10_000
_MOST = 1.25  # the heaviest fold over the mean, for contigs to be dealt whole


def fold_split(store: TargetStore, folds: int, fold: int) -> Split:
    """Fold number `fold` is the test, the next one (cyclically) validation, the rest trains.

    Raises:
        InputError: fewer than 3 folds, a fold that there is not, or a genome too small to cut.
    """
    if folds < 3:
        raise InputError(f"--folds {folds} is not possible: test, validation, training need 3")
    if not 0 <= fold < folds:
        raise InputError(f"--fold {fold} is not within 0 and {folds - 1} (--folds {folds})")
    parts, how = deal(store.contigs, peaks_by_stretch(store, STRETCH), folds)
    return Split(
        store.contigs,
        validation=tuple(parts[(fold + 1) % folds]),
        test=tuple(parts[fold]),
        made=f"fold {fold} of {folds}, {how} by length and peaks",
    )


def deal(
    contigs: Mapping[str, int], peaks: Sequence[Integers], folds: int
) -> tuple[list[list[Interval]], str]:
    """Regions of each fold, and how they were found; the same for the same genome and peaks.

    The load of a region is the mean of its shares of all bases and of all peaks. Contigs, the
    heaviest first, go whole to the fold that is lightest so far. Where that leaves a fold a quarter
    above the mean (few contigs, one of them large), the genome, contigs end to end, is cut into
    stretches of like load instead, at multiples of 10 kb.

    Args:
        peaks: peaks that begin in each stretch of 10 kb, by contig.

    Raises:
        InputError: more folds than there are 10 kb to cut.
    """
    lengths = [_stretch_lengths(n) for n in contigs.values()]
    loads = _loads(lengths, peaks)
    whole = np.array([load.sum() for load in loads])
    total = np.zeros(folds)
    parts: list[list[Interval]] = [[] for _ in range(folds)]
    names = list(contigs)
    for number in np.argsort(-whole, kind="stable"):
        lightest = int(np.argmin(total))
        total[lightest] += whole[number]
        parts[lightest].append(Interval(names[number], 0, contigs[names[number]]))
    if total.min() > 0 and total.max() <= _MOST / folds:
        order = {name: i for i, name in enumerate(names)}
        return [sorted(part, key=lambda r: order[r.contig]) for part in parts], "contigs dealt"
    return _cut(contigs, loads, folds), "stretches cut"


def _stretch_lengths(length: int) -> Integers:
    edges = np.append(np.arange(0, length, STRETCH), length)
    return np.diff(edges)


def _loads(lengths: Sequence[Integers], peaks: Sequence[Integers]) -> list[Floats]:
    bases, n = sum(int(x.sum()) for x in lengths), max(sum(int(x.sum()) for x in peaks), 1)
    return [(a / bases + b / n) / 2 for a, b in zip(lengths, peaks, strict=True)]


def _cut(
    contigs: Mapping[str, int],
    loads: Sequence[Floats],
    folds: int,
) -> list[list[Interval]]:
    load = np.concatenate(loads)
    middle = np.cumsum(load) - load / 2
    owner = np.minimum((middle / load.sum() * folds).astype(np.int64), folds - 1)
    if np.unique(owner).size < folds:
        raise InputError(f"--folds {folds}: the genome is too small to cut, stretches have 10 kb")
    parts: list[list[Interval]] = [[] for _ in range(folds)]
    at = 0
    for name, length in contigs.items():
        mine = owner[at : at + -(-length // STRETCH)]
        at += mine.size
        edges = [0, *(np.flatnonzero(np.diff(mine)) + 1).tolist(), mine.size]
        for low, high in itertools.pairwise(edges):
            region = Interval(name, low * STRETCH, min(high * STRETCH, length))
            parts[int(mine[low])].append(region)
    return parts
