"""Which centres have a window of known sequence: exactly, from the runs of N alone."""

from __future__ import annotations

import math

import numpy as np

from nucleotides.arrays import open_arrays
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Ranges, merge
from nucleotides.targets.centres import covered_centres

MIN_KNOWN = 0.6


def unknown_centres(genome: GenomeStore, length: int, max_shift: int = 0) -> list[Ranges]:
    """Centres of windows with less than 60 % known bases, by contig.

    What lies beyond a contig's ends is unknown too. With `max_shift`, a centre counts if the
    window is too little known when shifted by any number of bases up to that.
    """
    limit = length - math.ceil(MIN_KNOWN * length) + 1
    return [
        _widened(_covered(runs, length, limit), max_shift)
        for runs in _with_surroundings(genome, length + max_shift)
    ]


def _with_surroundings(genome: GenomeStore, width: int) -> list[Ranges]:
    """Runs of unknown bases by contig, with `width` bases beyond each end of it."""
    runs = Ranges(**open_arrays(genome.path / "unknown.safetensors"))
    lengths = np.array(list(genome.contigs.values()), np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    out = []
    for offset, length in zip(offsets, lengths, strict=False):
        low = np.searchsorted(runs.ends, offset, side="right")
        high = np.searchsorted(runs.starts, offset + length, side="left")
        inner = np.clip(np.stack([runs.starts[low:high], runs.ends[low:high]]) - offset, 0, length)
        outer = np.array([[-width, length], [0, length + width]])
        out.append(merge(*np.concatenate([inner, outer], axis=1)))
    return out


def _covered(ranges: Ranges, width: int, need: int) -> Ranges:
    """Centres of windows of which the ranges cover at least `need` bases."""
    base = int(ranges.starts[0]) - width  # the sweep begins at 0
    found = covered_centres(Ranges(ranges.starts - base, ranges.ends - base), width, need)
    return Ranges(found.starts + base, found.ends + base)


def _widened(ranges: Ranges, by: int) -> Ranges:
    return merge(ranges.starts - by, ranges.ends + by)
