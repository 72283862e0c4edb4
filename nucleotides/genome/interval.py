"""Places on a genome. Coordinates are 0-based and half-open; VCF is converted at its reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Self

from nucleotides.errors import CoordinateError

Strand = Literal["+", "-", "."]
_REGION = re.compile(r"^(?P<contig>[^:\s]+)(?::(?P<start>\d[\d,_]*)-(?P<end>\d[\d,_]*))?$")


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Bases `start` to `end` - 1 of a contig: 0-based, half-open.

    Raises:
        CoordinateError: a negative start, an end before the start, an unknown strand.
    """

    contig: str
    start: int
    end: int
    strand: Strand = "."

    def __post_init__(self) -> None:
        if self.start < 0 or self.end < self.start:
            raise CoordinateError(
                f"{self.contig}:{self.start}-{self.end} is no interval: "
                "0 <= start <= end is needed (0-based, half-open)"
            )
        if self.strand not in ("+", "-", "."):
            raise CoordinateError(f"strand {self.strand!r} is none of '+', '-', '.'")

    @classmethod
    def parse(cls, text: str, length: int | None = None) -> Self:
        """`chr20:3,000,000-4,000,000` (0-based, half-open) or, given its length, `chr20`.

        Raises:
            CoordinateError: text of another form, or a whole contig of unknown length.
        """
        match = _REGION.match(text.strip())
        if not match or (match["start"] is None and length is None):
            raise CoordinateError(f"{text!r} is no region: write contig or contig:start-end")
        if match["start"] is None:
            assert length is not None
            return cls(match["contig"], 0, length)
        start, end = (int(re.sub("[,_]", "", match[key])) for key in ("start", "end"))
        return cls(match["contig"], start, end)

    @property
    def width(self) -> int:
        """Number of bases."""
        return self.end - self.start

    def overlaps(self, other: Interval) -> bool:
        """Whether the two share at least one base, on whatever strand."""
        return self.contig == other.contig and self.start < other.end and other.start < self.end

    def __str__(self) -> str:
        return f"{self.contig}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Variant:
    """`ref` at 0-based `start` of a contig is replaced by `alt`.

    Raises:
        CoordinateError: a negative start, or an empty or non-nucleotide allele.
    """

    contig: str
    start: int
    ref: str
    alt: str
    id: str = "."

    def __post_init__(self) -> None:
        if self.start < 0:
            raise CoordinateError(f"variant at {self.contig}:{self.start}: start is negative")
        for name, allele in (("ref", self.ref), ("alt", self.alt)):
            if not re.fullmatch("[ACGTN]+", allele):
                raise CoordinateError(
                    f"variant at {self.contig}:{self.start}: {name} {allele!r} is not made of ACGTN"
                )

    @classmethod
    def from_vcf(cls, chrom: str, pos: int, ref: str, alt: str, id: str = ".") -> Self:
        """From VCF columns: `pos` is 1-based; letters are read in any case."""
        return cls(chrom, pos - 1, ref.upper(), alt.upper(), id)

    @property
    def end(self) -> int:
        """0-based position after the last base of `ref`."""
        return self.start + len(self.ref)
