"""Windows of alleles together with the other alleles of the same copy of the contig."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import CoordinateError
from nucleotides.genome.alphabet import encode
from nucleotides.genome.haplotypes import Anchor, middles
from nucleotides.genome.store import GenomeStore

Codes = NDArray[np.uint8]


class Allele(NamedTuple):
    """ALT in place of the reference's bases [start, end), 0-based half-open."""

    start: int
    end: int
    alt: str


class Flanks(NamedTuple):
    """Bases of a haplotype that a site's two windows need on either side of it."""

    first: int
    """Of the windows, counted from the site's first base."""
    before: int
    behind: int


class Haplotype:
    """One copy of a contig: the reference with alleles spliced in.

    Args:
        genome: the reference.
        contig: position in `genome.contigs`.
        alleles: in order; none overlaps another.
    """

    def __init__(self, genome: GenomeStore, contig: int, alleles: Iterable[Allele] = ()) -> None:
        self._genome, self._contig = genome, np.array([contig])
        self._alleles = list(alleles)
        self._starts = [allele.start for allele in self._alleles]
        self._ends = [allele.end for allele in self._alleles]

    def windows(
        self, site: Allele, length: int, *, anchor: Anchor = "centre", shift: int = 0
    ) -> tuple[Codes, Codes]:
        """The windows with the reference's bases and with ALT at a site, codes (length,).

        Both are those of `variant_windows` on a genome that has, in place of their REF, all other
        alleles of this haplotype: they begin at the same base of the haplotype with REF, which is
        counted in its own coordinates, so that the site is as far from both ends of its window as
        without the others, and an insertion beside it pushes the flank beyond it out. Alleles that
        overlap the site's REF, the site's own included, are left out.

        Raises:
            InputError: a letter or an anchor that is none.
            CoordinateError: a length below 1.
        """
        need = flanks(site, length, anchor, shift)
        before = self._before(site.start, need.before)
        behind = self._behind(site.end, need.behind)
        low = need.first + need.before
        one, other = (
            np.concatenate([before, own, behind])[low : low + length]
            for own in (self._reference(site.start, site.end), encode(site.alt))
        )
        return one, other

    def reach(self, end: int, n: int) -> int:
        """End in the reference of the `n` bases behind `end`."""
        for allele in islice(self._alleles, bisect_left(self._starts, end), None):
            if allele.start - end >= n:
                break
            n = max(n - (allele.start - end) - len(allele.alt), 0)
            end = allele.end
        return end + n

    def _behind(self, end: int, n: int) -> Codes:
        """`n` bases from `end` on."""
        pieces, wanted = list[Codes](), n
        for allele in islice(self._alleles, bisect_left(self._starts, end), None):
            if allele.start - end >= n:
                break
            pieces += [self._reference(end, allele.start), encode(allele.alt)]
            n, end = n - pieces[-2].size - pieces[-1].size, allele.end
        pieces.append(self._reference(end, end + max(n, 0)))
        return np.concatenate(pieces)[:wanted]

    def _before(self, start: int, n: int) -> Codes:
        """`n` bases up to `start`."""
        pieces = list[Codes]()
        for i in range(bisect_right(self._ends, start) - 1, -1, -1):
            allele = self._alleles[i]
            if start - allele.end >= n:
                break
            pieces += [self._reference(allele.end, start), encode(allele.alt)]
            n, start = n - pieces[-2].size - pieces[-1].size, allele.start
        first = self._reference(start - max(n, 0), start)
        return np.concatenate([first, *pieces[::-1]])[max(-n, 0) :]

    def _reference(self, start: int, end: int) -> Codes:
        if start == end:
            return np.empty(0, np.uint8)
        return self._genome.windows(self._contig, np.array([start]), end - start).ravel()


def flanks(site: Allele, length: int, anchor: Anchor, shift: int) -> Flanks:
    """What the windows of a site need.

    Raises:
        InputError: an anchor that is none.
        CoordinateError: a length below 1.
    """
    if length < 1:
        raise CoordinateError(f"a window of {length} bases cannot be: ask for 1 or more")
    ref_size, alt_size = site.end - site.start, len(site.alt)
    middle = int(middles(anchor, np.array([ref_size]), np.array([alt_size]))[0])
    first = middle - length // 2 + shift
    return Flanks(first, max(-first, 0), max(first + length - min(ref_size, alt_size), 0))
