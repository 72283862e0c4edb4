"""Places: what can be one, what cannot, and how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.errors import CoordinateError
from nucleotides.genome import Interval, Variant

names = st.from_regex(r"[A-Za-z0-9_.|*-]{1,12}", fullmatch=True)
intervals = st.builds(
    lambda name, start, width: Interval(name, start, start + width),
    names,
    st.integers(0, 10**9),
    st.integers(0, 10**6),
)


@given(intervals)
def test_what_is_printed_is_parsed(interval: Interval) -> None:
    assert Interval.parse(str(interval)) == interval
    assert Interval.parse(f" {interval.contig}:{interval.start:,}-{interval.end:,}\n") == interval
    assert Interval.parse(f"{interval.contig}:{interval.start:_}-{interval.end:_}") == interval


@given(names, st.integers(0, 10**9))
def test_a_contig_alone_is_all_of_it(name: str, length: int) -> None:
    assert Interval.parse(name, length) == Interval(name, 0, length)
    assert Interval.parse(f"{name}:0-0", length).end == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chr1",
        "chr1:",
        "chr1:5",
        "chr1:5-",
        "chr1:-5-6",
        "chr1:a-b",
        "chr1:1.5-2",
        ":1-2",
        "chr1:5-3",
        "chr1:1-2-3",
        "chr 1:1-2",
        "chr1:1-2:3",
        "chr1:,-,",
        "chr1:_-5",
        "chr1:1-,",
    ],
)
def test_no_region(text: str) -> None:
    with pytest.raises(CoordinateError) as caught:
        Interval.parse(text)
    assert text.strip() in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("chr1", -1, 5), "chr1:-1-5 is no interval"),
        (("chr1", 6, 5), "chr1:6-5 is no interval"),
        (("chr1", 0, 5, "x"), "strand 'x'"),
        (("chr1", 0, 5, ""), "strand ''"),
    ],
)
def test_no_interval(arguments: tuple, message: str) -> None:
    with pytest.raises(CoordinateError, match=message):
        Interval(*arguments)


small = st.builds(
    lambda name, start, width, strand: Interval(name, start, start + width, strand),
    st.sampled_from(["a", "b"]),
    st.integers(0, 8),
    st.integers(1, 5),
    st.sampled_from("+-."),
)


@given(small, small)
def test_overlap_is_a_shared_base(a: Interval, b: Interval) -> None:
    shared = set(range(a.start, a.end)) & set(range(b.start, b.end))
    assert a.overlaps(b) == b.overlaps(a) == (a.contig == b.contig and bool(shared))
    assert a.width == len(range(a.start, a.end))


alleles = st.text("ACGTN", min_size=1, max_size=5)


@given(st.integers(1, 10**9), alleles, alleles)
def test_vcf_positions_are_one_based(pos: int, ref: str, alt: str) -> None:
    variant = Variant.from_vcf("chr1", pos, ref.lower(), alt, "rs1")
    assert variant == Variant("chr1", pos - 1, ref, alt, "rs1")
    assert variant.end - variant.start == len(ref)


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "message"),
    [
        (0, "A", "C", "start is negative"),
        (5, "", "C", "chr1:4: ref ''"),
        (5, "A", "", "chr1:4: alt ''"),
        (5, "A", "<DEL>", "alt '<DEL>'"),
        (5, "A", "*", r"alt '\*'"),
        (5, "A-", "C", "ref 'A-'"),
        (5, "A", "C\n", "alt 'C"),
    ],
)
def test_no_variant(pos: int, ref: str, alt: str, message: str) -> None:
    with pytest.raises(CoordinateError, match=message):
        Variant.from_vcf("chr1", pos, ref, alt)
