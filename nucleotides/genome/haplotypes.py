"""Windows around variants: of the reference, and of the haplotype that has ALT instead of REF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.genome.alphabet import encode
from nucleotides.genome.ranges import Integers
from nucleotides.genome.store import GenomeStore

Codes = NDArray[np.uint8]
Anchor = Literal["centre", "left", "right", "alt_centre"]
"""What of a variant is in the middle of its windows."""


def variant_windows(
    genome: GenomeStore,
    contigs: Integers,
    starts: Integers,
    refs: Sequence[str],
    alts: Sequence[str],
    length: int,
    *,
    anchor: Anchor = "centre",
    shift: int = 0,
) -> tuple[Codes, Codes]:
    """The reference and the alternate window of each variant.

    Both begin at w = m - length // 2 + shift, where m is by `anchor`

        centre      start + len(ref) // 2    the middle of REF
        left        start                    its first base
        right       start + len(ref) - 1     its last base
        alt_centre  start + len(alt) // 2    the middle of ALT in the alternate window

    The reference window is contig[w : w + length]; the alternate window is the same piece of the
    haplotype contig[:start] + alt + contig[start + len(ref):]: an insertion pushes the right flank
    out, a deletion lets it in. This also holds for alleles that begin left of w or are longer than
    the window. `left` alone gives the same two windows, exchanged, whenever REF and ALT are.

    Args:
        genome: the reference; whether it has `refs` is for `matches_reference` to say.
        contigs: (n,) positions in `genome.contigs`.
        starts: (n,) 0-based first bases of `refs`.
        refs, alts: (n,) one letter or more each, in any case.
        length: bases a window.
        anchor: what of the variant is at base length // 2 of its windows.
        shift: bases by which both windows lie further right (left, if negative).

    Returns:
        Reference and alternate codes, uint8 (n, length) each, N beyond the contig's ends.

    Raises:
        InputError: a letter that is none; an anchor that is none.
        CoordinateError: a length below 1.
    """
    ref_sizes, alt_sizes = _sizes(refs), _sizes(alts)
    firsts = starts + middles(anchor, ref_sizes, alt_sizes) - length // 2 + shift
    reference = genome.windows(contigs, firsts, length)
    alternate = reference.copy()
    moved = np.flatnonzero(ref_sizes != alt_sizes)
    if moved.size:
        by = (ref_sizes - alt_sizes)[moved]
        behind = genome.windows(contigs[moved], firsts[moved] + by, length)
        before = np.arange(length) < (starts - firsts)[moved, None]
        alternate[moved] = np.where(before, reference[moved], behind)
    rows, columns = _letters(alt_sizes, starts - firsts)
    inside = (columns >= 0) & (columns < length)
    alternate[rows[inside], columns[inside]] = encode("".join(alts))[inside]
    return reference, alternate


def middles(anchor: Anchor, ref_sizes: Integers, alt_sizes: Integers) -> Integers:
    """Bases from the first of REF to the one in the middle of both windows (`variant_windows`).

    Raises:
        InputError: an anchor that is none.
    """
    if anchor == "centre":
        return ref_sizes // 2
    if anchor == "left":
        return np.zeros_like(ref_sizes)
    if anchor == "right":
        return ref_sizes - 1
    if anchor == "alt_centre":
        return alt_sizes // 2
    raise InputError(f"anchor {anchor!r} is none of {', '.join(get_args(Anchor))}")


def matches_reference(
    genome: GenomeStore, contigs: Integers, starts: Integers, refs: Sequence[str]
) -> NDArray[np.bool_]:
    """Whether the genome has `refs` at 0-based `starts` of its contigs: bool (n,).

    Unknown bases match unknown bases only; beyond the contig's ends all are unknown.

    Raises:
        InputError: a letter that is none.
    """
    sizes = _sizes(refs)
    rows, places = _letters(sizes, starts)
    found = genome.windows(contigs[rows], places, 1)[:, 0]
    wrong = rows[found != encode("".join(refs))]
    matches = np.ones(sizes.size, np.bool_)
    matches[wrong] = False
    return matches


def _sizes(alleles: Sequence[str]) -> Integers:
    return np.fromiter(map(len, alleles), np.int64, len(alleles))


def _letters(sizes: Integers, starts: Integers) -> tuple[Integers, Integers]:
    """Of all letters of all alleles: the row, and the place, counted up from the row's start."""
    rows = np.repeat(np.arange(sizes.size), sizes)
    within = np.arange(rows.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rows, starts[rows] + within
