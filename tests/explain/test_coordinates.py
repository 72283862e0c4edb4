"""Numbers of bases against a list of them."""

from __future__ import annotations

import pytest

from nucleotides.explain.coordinates import Coordinates


@pytest.mark.parametrize("strand", ["+", "-"])
def test_numbers_are_those_of_the_bases(strand: str) -> None:
    at = Coordinates(100, 160, "chr1", strand)
    numbers = list(range(100, 160))[:: 1 if strand == "+" else -1]
    assert [at.number(i) for i in range(60)] == numbers
    part = at.part(slice(7, 31))
    assert [part.number(i) for i in range(24)] == numbers[7:31]
    assert (part.start, part.end) == (min(numbers[7:31]), max(numbers[7:31]) + 1)
    assert part.ticks(10) == [(i, n) for i, n in enumerate(numbers[7:31]) if n % 10 == 0]


def test_nothing_beyond_the_contig_is_told_as_a_place() -> None:
    at = Coordinates(-350, 650, "chr20", "-", 600)
    assert at.place == "chr20:0-600"
    assert at.told == "chr20:0-600 (strand −)"
    assert at.beyond == "350 N before and 50 N beyond the contig"
    assert [number for _, number in at.ticks(100)] == [500, 400, 300, 200, 100, 0]


def test_a_sequence_of_its_own_counts_from_0() -> None:
    at = Coordinates(0, 1200).part(slice(1000, 1200))
    assert (at.told, at.beyond, at.axis) == ("bases 1,000 to 1,200", "", "position in the sequence")
