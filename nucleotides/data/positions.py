"""Which positions are sampled: drawn for training, fixed for validation and test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.data.draws import uniform
from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers, Ranges

MIN_KNOWN = 0.6
_MAX_REDRAWS = 64


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


class Pool:
    """All positions of some regions as one line to draw from: uniform over positions."""

    def __init__(self, by_contig: Sequence[Ranges]) -> None:
        self.contigs = np.repeat(np.arange(len(by_contig)), [r.starts.size for r in by_contig])
        self.starts = np.concatenate([r.starts for r in by_contig])
        widths = np.concatenate([r.ends - r.starts for r in by_contig])
        self.edges = np.concatenate([[0], np.cumsum(widths)])

    @property
    def size(self) -> int:
        """Number of positions."""
        return int(self.edges[-1])

    def at(self, rank: Integers) -> tuple[Integers, Integers]:
        """Contig and position of the rank-th positions, 0 <= rank < size."""
        row = np.searchsorted(self.edges, rank, side="right") - 1
        return self.contigs[row], self.starts[row] + rank - self.edges[row]


class TrainingPositions:
    """Training samples as a pure function of (seed, epoch, index).

    A sample lies with probability `background` anywhere in the training part of the genome, else
    in an interval, chosen with probability proportional to its length and uniform within. A
    window, shifted as it will be, with less than 60 % known bases is drawn again. The strand is
    random.

    Raises:
        InputError: no interval lies in the training part, or nothing in it is known sequence.
    """

    def __init__(
        self,
        genome: GenomeStore,
        intervals: Sequence[Ranges],
        everywhere: Sequence[Ranges],
        *,
        sequence_length: int,
        background: float = 0.0,
        max_shift: int = 0,
        both_strands: bool = True,
        seed: int = 0,
    ) -> None:
        self.genome, self.sequence_length, self.seed = genome, sequence_length, seed
        self.background, self.max_shift, self.both_strands = background, max_shift, both_strands
        self.foreground_pool, self.background_pool = Pool(intervals), Pool(everywhere)
        if not self.foreground_pool.size:
            raise InputError(
                "no training interval lies in the training part of the genome: "
                "hold out less, or give other intervals"
            )

    def draw(self, epoch: int, index: Integers) -> Positions:
        """The samples of the given indices (n,) of an epoch."""
        width = 2 * self.max_shift + 1
        shift = np.floor(uniform(self.seed, epoch, index, 1) * width).astype(np.int64)
        shift -= self.max_shift
        contigs, centres = self._draw_once(epoch, index, 0)
        for attempt in range(1, _MAX_REDRAWS + 1):
            again = np.flatnonzero(~self._known(contigs, centres + shift))
            if not again.size:
                break
            contigs[again], centres[again] = self._draw_once(epoch, index[again], attempt)
        else:
            raise InputError(
                f"{_MAX_REDRAWS} draws in a row gave windows with less than "
                f"{MIN_KNOWN:.0%} known bases: is the training part of the genome masked?"
            )
        strand = uniform(self.seed, epoch, index, 0) < 0.5
        return Positions(contigs, centres, strand & self.both_strands, shift)

    def _draw_once(self, epoch: int, index: Integers, attempt: int) -> tuple[Integers, Integers]:
        where = uniform(self.seed, epoch, index, 2 + 2 * attempt)
        place = uniform(self.seed, epoch, index, 3 + 2 * attempt)
        contigs, centres = self._pick(self.foreground_pool, place)
        if self.background:
            anywhere = where < self.background
            contigs[anywhere], centres[anywhere] = self._pick(self.background_pool, place[anywhere])
        return contigs, centres

    @staticmethod
    def _pick(pool: Pool, place: NDArray[np.float64]) -> tuple[Integers, Integers]:
        return pool.at((place * pool.size).astype(np.int64))

    def _known(self, contigs: Integers, centres: Integers) -> NDArray[np.bool_]:
        return enough_known(self.genome, contigs, centres, self.sequence_length)


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
) -> Positions:
    """Every bin of the regions, side by side from each region's start, on the forward strand.

    Bins whose window has less than 60 % known bases are left out. With `size`, that many of them
    are kept, chosen by the seed alone; the order is that of the genome.
    """
    contigs, centres = [], []
    for number, ranges in enumerate(regions):
        for start, end in zip(*ranges, strict=True):
            firsts = np.arange(start, end - bin + 1, bin)
            contigs.append(np.full(firsts.size, number))
            centres.append(firsts + bin // 2)
    contig = np.concatenate([*contigs, np.empty(0, np.int64)])
    centre = np.concatenate([*centres, np.empty(0, np.int64)])
    keep = np.flatnonzero(enough_known(genome, contig, centre, sequence_length))
    if size is not None and size < keep.size:
        rank = np.argsort(uniform(seed, 0, keep, 1 << 20), kind="stable")
        keep = np.sort(keep[rank[:size]])
    zeros = np.zeros(keep.size, np.int64)
    return Positions(contig[keep], centre[keep], zeros.astype(bool), zeros)
