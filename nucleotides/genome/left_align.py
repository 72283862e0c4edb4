"""Alleles written in the one normal way: with no letter too many, and as far left as can be.

Tan, Abecasis, Kang 2015, "Unified representation of genetic variants",
10.1093/bioinformatics/btv112.
"""

from __future__ import annotations

import numpy as np

from nucleotides.genome.alphabet import decode, encode
from nucleotides.genome.store import GenomeStore

_STEP, _MOST = 64, 1 << 20


def left_align(
    genome: GenomeStore, contig: int, start: int, ref: str, alt: str
) -> tuple[int, str, str]:
    """Start, REF and ALT of the same haplotype, normal.

    Letters that REF and ALT share are taken off, at their ends first, so that one or more are left
    of each. An insertion or deletion is moved left while the haplotype stays the same; it is
    written with the base before it or, at the first base of a contig, with the one behind it.

    Args:
        genome: the reference; it has `ref` at `start`.
        contig: position in `genome.contigs`.
        start: 0-based first base of `ref`.
        ref, alt: one letter or more, in any case. Equal ones are given back as they are.

    Returns:
        The three, letters in upper case; they are the very ones given if these are normal.
    """
    one, other = ref.upper(), alt.upper()
    shorter = min(len(one), len(other))
    behind = shared_letters(one[::-1], other[::-1], shorter)
    if one == other or (shorter == 1 and behind == 0):
        return start, ref, alt
    one, other = one[: len(one) - behind], other[: len(other) - behind]
    if not (one and other):
        return _anchored(genome, contig, start, one, other)
    before = shared_letters(one, other, shorter - behind - 1)
    if behind + before == 0:
        return start, ref, alt
    return start + before, one[before:], other[before:]


def shared_letters(one: str, other: str, most: int) -> int:
    """Letters, up to `most`, with which both begin."""
    return next((i for i in range(most) if one[i] != other[i]), most)


def _anchored(
    genome: GenomeStore, contig: int, start: int, ref: str, alt: str
) -> tuple[int, str, str]:
    """An insertion or deletion, of which one allele is empty, moved left."""
    moved = ref or alt
    steps = _steps_left(genome, contig, start, moved)
    start -= steps
    turn = len(moved) - steps % len(moved)
    moved = moved[turn:] + moved[:turn]
    ref, alt = (moved, "") if ref else ("", moved)
    at = start - 1 if start else len(ref)
    base = decode(genome.windows(np.array([contig]), np.array([at]), 1)[0])
    return (start - 1, base + ref, base + alt) if start else (0, ref + base, alt + base)


def _steps_left(genome: GenomeStore, contig: int, start: int, moved: str) -> int:
    """Bases before `start` that repeat `moved`, read from its end backwards, over and over."""
    letters, steps, size = encode(moved)[::-1], 0, _STEP
    while steps < start:
        size = min(size, start - steps)
        places = np.array([contig]), np.array([start - steps - size])
        before = genome.windows(*places, size)[0, ::-1]
        differs = before != letters[(steps + np.arange(size)) % letters.size]
        if differs.any():
            return steps + int(np.argmax(differs))
        steps, size = steps + size, min(2 * size, _MOST)
    return steps
