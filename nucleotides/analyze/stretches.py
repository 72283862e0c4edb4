"""Bins of the genome as stretches without a wide gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_GAP = 1_000_000


@dataclass(frozen=True)
class Stretch:
    """Bins of one contig without a gap above a megabase.

    Attributes:
        contig: name of the contig.
        start: first base of the first bin, 0-based.
        end: end of the last bin, half-open.
        rows: indices of the bins among those that were given, by position.
    """

    contig: str
    start: int
    end: int
    rows: NDArray[np.int64]

    def __str__(self) -> str:
        return f"{self.contig}:{self.start:,}-{self.end:,}"

    def part(self, centres: NDArray[Any], bin: int, which: slice) -> Stretch:
        """Some of its bins, those of `which` by position."""
        return stretch(self.contig, self.rows[which], centres, bin)


def stretch(contig: str, rows: NDArray[np.int64], centres: NDArray[Any], bin: int) -> Stretch:
    """The bins `rows` of one contig, sorted by position."""
    first, last = (int(centres[row]) - bin // 2 for row in (rows[0], rows[-1]))
    return Stretch(contig, max(0, first), last + bin, rows)


def stretches(contig: NDArray[Any], centres: NDArray[Any], bin: int) -> list[Stretch]:
    """Bins (n,) as stretches, those with most bins first.

    Args:
        contig: (n,) name or number of each bin's contig.
        centres: (n,) 0-based centres.
        bin: width of a bin in bases.
    """
    found = []
    for name in dict.fromkeys(contig.tolist()):
        rows = np.flatnonzero(contig == name)
        rows = rows[np.argsort(centres[rows], kind="stable")]
        breaks = np.flatnonzero(np.diff(centres[rows]) > _GAP) + 1
        found += [stretch(str(name), part, centres, bin) for part in np.split(rows, breaks)]
    return sorted(found, key=lambda one: -len(one.rows))
