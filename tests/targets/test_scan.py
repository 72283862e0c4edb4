"""The fast reader: what it takes it reads as the tolerant one does, the rest it leaves alone."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.targets.peaks import _data_lines, _parse
from nucleotides.targets.scan import _SLOTS, Peaks, scan

FIELDS = st.one_of(
    st.sampled_from(["chr1", "chr2", "1", "HLA-A*01", "#x", "chr 1", "", "track", "é", "\x7f"]),
    st.integers(0, 2**33).map(str),
    st.sampled_from(["-1", "+5", "1e3", "007", "0000000001", "00000000001", "1.0", "x", "\r"]),
)
LINES = st.lists(FIELDS, max_size=5).map("\t".join)
GOOD_LINES = st.tuples(
    st.sampled_from(["chr1", "chr2", "chr10", "chr1_alt", "c"]),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.sampled_from(["", "\t", "\tname\t0\t.", "\t\t\t", "\ta b"]),
).map(lambda row: f"{row[0]}\t{min(row[1:3])}\t{max(row[1:3])}{row[3]}")


def as_rows(peaks: Peaks) -> list[tuple[str, int, int]]:
    names = [peaks.names[i] for i in peaks.contig]
    return list(zip(names, peaks.starts.tolist(), peaks.ends.tolist(), strict=True))


def table_rows(table: pd.DataFrame | None) -> list[tuple[str, int, int]]:
    assert table is not None
    return list(table.astype({"chrom": object}).itertuples(index=False, name=None))


@given(st.lists(st.one_of(LINES, GOOD_LINES, GOOD_LINES, GOOD_LINES), max_size=8), st.booleans())
def test_what_is_read_is_read_as_the_tolerant_reader_does(lines: list[str], ended: bool) -> None:
    text = ("\n".join(lines) + "\n" * ended).encode()
    peaks = scan(text)
    if peaks is not None:
        assert as_rows(peaks) == table_rows(_parse(_data_lines(text)))


@given(st.lists(GOOD_LINES, max_size=60))
def test_good_lines_are_read(lines: list[str]) -> None:
    peaks = scan("\n".join(lines).encode())
    assert peaks is not None
    expected = [(c, int(a), int(b)) for c, a, b in (line.split("\t")[:3] for line in lines)]
    assert as_rows(peaks) == expected
    assert len(set(peaks.names)) == len(peaks.names)


@pytest.mark.parametrize(
    "text",
    [
        *("chr1 1 2", "chr1\t1", "chr1\t1 2", "chr1\t2\t1", "chr1\t1\t2147483648", "chr1\t-1\t2"),
        *("chr1\t1\t2 x", "chr1\t1\t2\r\n", "track x", "chrom\tstart\tend", " chr1\t1\t2"),
        *("chr1\t\t2", "chr1\t1\t00000000002", "\ufeffchr1\t1\t2", "chr1\t1\t", "c\t1\t2\nc"),
    ],
)
def test_other_forms_are_left_to_the_tolerant_reader(text: str) -> None:
    assert scan(text.encode()) is None


def test_comments_and_empty_lines_are_passed_over() -> None:
    peaks = scan(b"#a\tb\n\nchr1\t1\t2\n#\n\n#x")
    assert peaks is not None
    assert as_rows(peaks) == [("chr1", 1, 2)]


def test_many_names_and_names_of_one_hash() -> None:
    most = _SLOTS // 2
    lines = [f"c{i}\t{i}\t{i + 1}" for i in range(most)]
    peaks = scan("\n".join([*lines, *lines]).encode())
    assert peaks is not None
    assert peaks.names == [f"c{i}" for i in range(most)]
    assert peaks.contig.tolist() == [*range(most), *range(most)]
    assert scan("\n".join([*lines, "more\t1\t2"]).encode()) is None
