"""Where bases lie: on a contig, read on either strand, or on a sequence that is its own measure."""

from __future__ import annotations

from dataclasses import dataclass, replace

_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Coordinates:
    """Numbers of the bases of a sequence; 0-based, half-open.

    Attributes:
        start, end: of the sequence; beyond the contig it is N.
        contig: its name; or nothing, of a sequence that lies nowhere.
        strand: on "-" the sequence is the reverse complement, and its numbers run down.
        contig_length: where known.
    """

    start: int
    end: int
    contig: str = ""
    strand: str = "+"
    contig_length: int | None = None

    def number(self, base: int) -> int:
        """Of a base of the sequence, counted from 0 as the sequence is read."""
        return self.end - 1 - base if self.strand == "-" else self.start + base

    def part(self, stretch: slice) -> Coordinates:
        """Of a stretch of the sequence."""
        first, last = sorted((self.number(stretch.start), self.number(stretch.stop - 1)))
        return replace(self, start=first, end=last + 1)

    def exists(self, number: int) -> bool:
        """Whether a base of this number is on the contig."""
        return 0 <= number < (self.end if self.contig_length is None else self.contig_length)

    def ticks(self, every: int) -> list[tuple[int, int]]:
        """Bases, counted as they are read, and their numbers, which are multiples of `every`."""
        numbers = [(base, self.number(base)) for base in range(self.end - self.start)]
        return [(base, n) for base, n in numbers if n % every == 0 and self.exists(n)]

    @property
    def place(self) -> str:
        """In words, as far as it is on the contig: chr20:3,076,400-3,077,400."""
        if not self.contig:
            return f"bases {self.start:,} to {self.end:,}"
        end = self.end if self.contig_length is None else min(self.end, self.contig_length)
        return f"{self.contig}:{max(self.start, 0):,}-{end:,}"

    @property
    def told(self) -> str:
        """`place`, and the strand where it is not the forward one."""
        return f"{self.place} (strand {_MINUS})" if self.strand == "-" else self.place

    @property
    def beyond(self) -> str:
        """How many bases are N because the contig has none there, in words; or nothing."""
        before = max(-self.start, 0)
        after = 0 if self.contig_length is None else max(self.end - self.contig_length, 0)
        ends = [f"{n:,} N {where}" for n, where in ((before, "before"), (after, "beyond")) if n]
        return f"{' and '.join(ends)} the contig" if ends else ""

    @property
    def axis(self) -> str:
        """What numbers along the sequence are, in words."""
        if not self.contig:
            return "position in the sequence"
        down = f", strand {_MINUS}: positions run down" if self.strand == "-" else ""
        return f"position on {self.contig}{down}"
