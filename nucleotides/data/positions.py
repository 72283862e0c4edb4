"""Which positions are sampled: drawn for training, fixed for validation and test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.data.draws import uniform
from nucleotides.data.known import MIN_KNOWN
from nucleotides.data.strata import Strata
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers, Ranges, covered_within


class Positions(NamedTuple):
    """Samples: contig (by number), centre (0-based), reverse strand or not, shift; each (n,)."""

    contigs: Integers
    centres: Integers
    reverse: NDArray[np.bool_]
    shifts: Integers

    def take(self, index: Integers) -> Positions:
        """The samples with these numbers."""
        return Positions(
            self.contigs[index], self.centres[index], self.reverse[index], self.shifts[index]
        )


class TrainingPositions:
    """Training samples as a pure function of (seed, epoch, index).

    Two numbers of the sample's hash choose its place among the strata, one its strand, one its
    shift. What may not be drawn is not in the strata, so that no sample is drawn twice.
    """

    def __init__(
        self,
        strata: Strata,
        *,
        max_shift: int = 0,
        both_strands: bool = True,
        seed: int = 0,
    ) -> None:
        self.strata, self.seed = strata, seed
        self.max_shift, self.both_strands = max_shift, both_strands

    def draw(self, epoch: int, index: Integers) -> Positions:
        """The samples of the given indices (n,) of an epoch."""
        strand, shift, where, place = (uniform(self.seed, epoch, index, k) for k in range(4))
        contigs, centres = self.strata.pick(where, place)
        shifts = np.floor(shift * (2 * self.max_shift + 1)).astype(np.int64) - self.max_shift
        return Positions(contigs, centres, (strand < 0.5) & self.both_strands, shifts)


def enough_known(
    genome: GenomeStore, contigs: Integers, centres: Integers, sequence_length: int
) -> NDArray[np.bool_]:
    """Whether at least 60 % of the window around each centre is A, C, G or T: bool (n,)."""
    known = genome.known_bases(contigs, centres - sequence_length // 2, sequence_length)
    return known >= MIN_KNOWN * sequence_length


def tile(
    genome: GenomeStore,
    regions: Sequence[Ranges],
    *,
    sequence_length: int,
    bin: int,
    size: int | None = None,
    seed: int = 0,
    without: Sequence[Ranges] | None = None,
) -> Positions:
    """Every bin of the regions, side by side from each region's start, on the forward strand.

    Bins whose window has less than 60 % known bases are left out, and those whose centre lies in
    `without` (by contig). With `size`, that many of them
    are kept, chosen by the seed alone; the order is that of the genome.
    """
    contigs, centres = [], []
    for number, ranges in enumerate(regions):
        for start, end in zip(*ranges, strict=True):
            bins = np.arange(start, end - bin + 1, bin) + bin // 2
            if without is not None:
                bins = bins[covered_within(without[number], bins, bins + 1) == 0]
            contigs.append(np.full(bins.size, number))
            centres.append(bins)
    contig = np.concatenate([*contigs, np.empty(0, np.int64)])
    centre = np.concatenate([*centres, np.empty(0, np.int64)])
    keep = np.flatnonzero(enough_known(genome, contig, centre, sequence_length))
    if size is not None and size < keep.size:
        rank = np.argsort(uniform(seed, 0, keep, 1 << 20), kind="stable")
        keep = np.sort(keep[rank[:size]])
    zeros = np.zeros(keep.size, np.int64)
    return Positions(contig[keep], centre[keep], zeros.astype(bool), zeros)
