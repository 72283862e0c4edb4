"""Windows looked for in other sequence, which is read once, in stretches, over threads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.data.rolling import first_places, make_filter, row_hashes
from nucleotides.data.sketch import Sketches, shared
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers, Ranges, intersect, merge

_AT_ONCE, _MOST_THREADS = 1 << 24, 4


def scan(
    genome: GenomeStore, codes: NDArray[np.uint8], sketches: Sketches, starts: list[Ranges]
) -> tuple[Integers, Integers]:
    """For each window, where one of its hash begins (contig * 2^40 + base, or -1), and the k-mers
    that it shares at most; int64 (n,) each."""
    hashes, length = row_hashes(codes), codes.shape[1]
    table, names = np.unique(hashes), list(genome.contigs)
    bits = make_filter(table)

    def one(job: tuple[int, Ranges]) -> tuple[Integers, Integers]:
        contig, within = job
        read = _read(genome, names[contig], within)
        found = first_places(read, length, table, bits)
        place = np.where(found < 0, -1, (contig << 40) + int(within.starts[0]) + found)
        return place, shared(read, sketches, length)[0]

    place, most = np.full(table.size, -1, np.int64), np.zeros(len(codes), np.int64)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS)) as threads:
        for found, shares in threads.map(one, _stretches(starts, length)):
            place = np.where(place < 0, found, place)
            most = np.maximum(most, shares)
    return place[np.searchsorted(table, hashes)], most


def _stretches(starts: list[Ranges], length: int) -> Iterator[tuple[int, Ranges]]:
    """Contig, and the bases that windows cover, in stretches that overlap."""
    for contig, ranges in enumerate(starts):
        bases = merge(np.maximum(ranges.starts, 0), ranges.ends + length - 1)
        if not bases.starts.size:
            continue
        for low in range(int(bases.starts[0]), int(bases.ends[-1]), _AT_ONCE):
            stretch = Ranges(np.array([low]), np.array([low + _AT_ONCE + 2 * length]))
            within = intersect(bases, stretch)
            if within.starts.size:
                yield contig, within


def _read(genome: GenomeStore, contig: str, within: Ranges) -> NDArray[np.uint8]:
    """Codes from the first to the last base of `within`; what lies between its ranges is N."""
    first, after = within.starts[0], within.ends[-1]
    codes: NDArray[np.uint8] = genome.codes(contig, [first], int(after - first))[0]
    compiled(_blank)(codes, within.ends[:-1] - first, within.starts[1:] - first)
    return codes


def _blank(codes, starts, ends):  # type: ignore[no-untyped-def]
    for i in range(starts.size):
        codes[starts[i] : ends[i]] = 4


def same_sequence(
    genome: GenomeStore, codes: NDArray[np.uint8], place: Integers
) -> NDArray[np.bool_]:
    """Whether the window found is, base by base, the one looked for, on either strand."""
    contigs, starts = place >> 40, place & ((1 << 40) - 1)
    strands = (np.zeros(place.size, bool), np.ones(place.size, bool))
    found = [genome.windows(contigs, starts, codes.shape[1], strand) for strand in strands]
    same: NDArray[np.bool_] = (found[0] == codes).all(1) | (found[1] == codes).all(1)
    return same
