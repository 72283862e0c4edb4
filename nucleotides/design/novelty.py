"""How new a sequence is: which of its pieces a genome holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.genome import reverse_complement
from nucleotides.progress import track

if TYPE_CHECKING:
    from nucleotides.genome import GenomeStore

Codes = NDArray[np.uint8]
Words = NDArray[np.uint64]

PIECE = 24
"""Bases of a piece. In 3.1 x 10^9 bases of either strand a random piece of 24 is expected 2 x 10^-5
times, one of 16 more than once."""
_BLOCK = 1 << 22
_ENDINGS = 1 << 22
"""Ways in which the last 11 bases differ: pieces that end as none wanted are not looked up."""


class Novelty(NamedTuple):
    """What a genome holds of sequences.

    Attributes:
        share: float64 (n,), of their known pieces of `PIECE` bases, those that the genome holds on
            either strand; NaN of a sequence without one.
        longest: int64 (n,), the longest stretch in bases whose pieces are all in the genome: no
            shorter than the longest exact match, if that has `PIECE` bases or more; else 0.
    """

    share: NDArray[np.float64]
    longest: NDArray[np.int64]


def novelty(sequences: Sequence[Codes], genome: GenomeStore) -> Novelty:
    """Look for every piece of sequences in a genome, exactly.

    The genome is gone through once, in blocks, each piece of it looked up among those of the
    sequences: about 200 MB of memory and 16 bytes a base of the sequences, whatever the genome.

    Args:
        sequences: codes (length,) each.
        genome: where to look.
    """
    forward = [pieces(codes) for codes in sequences]
    every = [words[known] for words, known in forward]
    both = [*every, *(_other_strand(codes) for codes in sequences)]
    wanted = np.unique(np.concatenate(both)) if both else np.empty(0, np.uint64)
    found = _found(wanted, genome)
    share, longest = [], []
    for codes, (words, known) in zip(sequences, forward, strict=True):
        other, other_known = pieces(np.ascontiguousarray(reverse_complement(codes)))
        inside = known & (_is_in(words, found) | _is_in(other, found)[::-1])
        assert np.array_equal(known, other_known[::-1])
        share.append(inside.sum() / known.sum() if known.any() else np.nan)
        run = _longest_run(inside)
        longest.append(run + PIECE - 1 if run else 0)
    return Novelty(np.array(share, np.float64), np.array(longest, np.int64))


def pieces(codes: Codes) -> tuple[Words, NDArray[np.bool_]]:
    """Every piece as a number, two bits a base (length - PIECE + 1,), and whether it has no N."""
    n = max(codes.size - PIECE + 1, 0)
    if not n:
        return np.zeros(0, np.uint64), np.zeros(0, np.bool_)
    eight, unknown = (codes & 3).astype(np.uint64), codes > 3
    for width in (1, 2, 4):
        eight, unknown = _joined(eight, eight, width), unknown[:-width] | unknown[width:]
    sixteen = _joined(eight, eight, 8)
    return _joined(sixteen, eight, 16, 8), ~(unknown[:n] | unknown[8 : n + 8] | unknown[16:])


def _joined(first: Words, then: Words, width: int, more: int | None = None) -> Words:
    """Numbers of `width` bases, each followed by one of `more` (as many) bases that comes next."""
    then = then[width:]
    return (first[: then.size] << np.uint64(2 * (more or width))) | then


def _other_strand(codes: Codes) -> Words:
    words, known = pieces(np.ascontiguousarray(reverse_complement(codes)))
    return words[known]


def _found(wanted: Words, genome: GenomeStore) -> Words:
    """Those of sorted numbers that are pieces of the genome."""
    held = np.zeros(wanted.size, np.bool_)
    if wanted.size:
        likely = np.zeros(_ENDINGS, np.bool_)
        likely[wanted & np.uint64(_ENDINGS - 1)] = True
        blocks = list(_blocks(genome))
        for first, end in track(blocks, "blocks of the genome looked through for novelty"):
            words, known = pieces(np.asarray(genome.sequence[first:end]))
            words = words[likely[words & np.uint64(_ENDINGS - 1)] & known]
            at = np.searchsorted(wanted, words).clip(max=wanted.size - 1)
            held[at[wanted[at] == words]] = True
    return wanted[held]


def _blocks(genome: GenomeStore) -> Iterator[tuple[int, int]]:
    """Parts of the contigs, each reaching into the next by what a piece needs."""
    for begin, end in zip(genome.offsets[:-1].tolist(), genome.offsets[1:].tolist(), strict=True):
        for first in range(begin, end, _BLOCK):
            yield first, min(first + _BLOCK + PIECE - 1, end)


def _is_in(words: Words, held: Words) -> NDArray[np.bool_]:
    if not held.size:
        return np.zeros(words.size, np.bool_)
    at = np.searchsorted(held, words).clip(max=held.size - 1)
    return np.asarray(held[at] == words)


def _longest_run(inside: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(inside.astype(np.int8), prepend=0, append=0))
    return int((edges[1::2] - edges[::2]).max(initial=0))
