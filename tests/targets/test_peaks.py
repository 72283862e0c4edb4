"""Reading peak files: every form that is tolerated, every line that is not."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.errors import PeakFileError
from nucleotides.targets.peaks import is_peak_file, read_peaks
from tests import toy

ROWS = [("chr1", 10, 20), ("chr2", 0, 5), ("chr1", 7, 7)]
BED = "chr1\t10\t20\nchr2\t0\t5\nchr1\t7\t7\n"


def rows(table: pd.DataFrame) -> list[tuple[str, int, int]]:
    assert list(table.columns) == ["chrom", "start", "end"]
    assert table["start"].dtype == table["end"].dtype == np.int64
    return list(zip(table["chrom"], table["start"].tolist(), table["end"].tolist(), strict=True))


def lines(extra: str, separator: str = "\t") -> str:
    return "".join(separator.join(map(str, row)) + extra + "\n" for row in ROWS)


FORMS = {
    "bed3": BED,
    "bed6": lines("\tname\t0\t+"),
    "narrowPeak": lines("\t.\t0\t.\t1.5\t-1\t-1\t5"),
    "broadPeak": lines("\t.\t0\t.\t1.5\t-1\t-1"),
    "more columns later": "chr1\t10\t20\nchr2\t0\t5\tname\nchr1\t7\t7\tname\t0\t+\n",
    "fewer columns later": "chr1\t10\t20\tname\t0\t+\nchr2\t0\t5\tname\nchr1\t7\t7\n",
    "spaces": lines("", " "),
    "several spaces": lines("  x", "   "),
    "tabs, then spaces": "chr1\t10\t20\nchr2 0 5\nchr1  7\t7\n",
    "spaces, then tabs": "chr1 10 20\nchr2\t0\t5\nchr1\t7\t7\n",
    "blanks in a name": lines("\ta name of words\t0"),
    "quotes in a name": lines('\t"a\t5'),
    "trailing tab": lines("\t"),
    "trailing blanks": lines("  "),
    "leading blanks": "".join(f"  {line}\n" for line in lines("", " ").splitlines()),
    "no last newline": BED.rstrip("\n"),
    "CRLF": BED.replace("\n", "\r\n"),
    "CRLF, comments, ragged": "#a\r\n\r\nchr1\t10\t20\r\nchr2\t0\t5\tx\r\nchr1\t7\t7\r\n",
    "CR only": BED.replace("\n", "\r"),
    "comment": "#chrom start end\n" + BED,
    "comments within": "chr1\t10\t20\n# x\n#\nchr2\t0\t5\n#y\nchr1\t7\t7\n# end\n",
    "track": 'track name="x" description="y z"\n' + BED,
    "browser and track": "browser position chr1:1-2\nbrowser hide all\ntrack type=bed\n" + BED,
    "blank lines": "\n\n" + BED.replace("\n", "\n\n") + "\n  \n\t\n",
    "header": "chrom\tstart\tend\n" + BED,
    "header of UCSC": "chrom chromStart chromEnd name\n" + lines("\tx"),
    "header after comments": "# x\n\nseqnames\tstart\tend\n" + BED,
    "plus sign": BED.replace("\t10", "\t+10"),
    "as R writes": BED.replace("\t10\t20", "\t1e+01\t2e1"),
    "as R writes, ragged": BED.replace("\t10\t20", "\t1e+01\t20.0\tx"),
    "byte-order mark": "\ufeff" + BED,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
def test_tolerated(form: str, packing: toy.Packing, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "x.bed", FORMS[form].encode(), packing)
    assert rows(read_peaks(path)) == ROWS
    assert rows(read_peaks(str(path))) == ROWS


@pytest.mark.parametrize("name", ["1", "X", "01", "1e3", "NA", "nan", "HLA-A*01:01", "track1", "b"])
def test_names_of_contigs_are_text(name: str, tmp_path: Path) -> None:
    for extra in ("", "\tx"):
        path = toy.write_packed(tmp_path / "x.bed", f"{name}\t1\t2\n{name}\t3\t4{extra}\n".encode())
        assert rows(read_peaks(path)) == [(name, 1, 2), (name, 3, 4)]


def test_names_in_no_known_encoding_are_not_read(tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "x.bed", b"chr1\t1\t2\tcaf\xe9\n")
    assert rows(read_peaks(path)) == [("chr1", 1, 2)]


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 10**6)), min_size=1))
def test_any_coordinates_come_back(tmp_path_factory, pairs: list[tuple[int, int]]) -> None:  # type: ignore[no-untyped-def]
    expected = [("chr1", start, min(start + width, 2**31 - 1)) for start, width in pairs]
    table = pd.DataFrame(expected, columns=["chrom", "start", "end"])
    path = toy.write_peaks(tmp_path_factory.getbasetemp() / "any.bed", table)
    assert rows(read_peaks(path)) == expected


BAD_LINES = {
    "start beyond end": ("chr1\t30\t20", "start 30 is beyond end 20"),
    "negative start": ("chr1\t-1\t20", "start is negative"),
    "negative end": ("chr1\t1\t-20", "end is negative"),
    "text for start": ("chr1\tten\t20", "start is not a whole number"),
    "text for end": ("chr1\t10\ttwenty", "end is not a whole number"),
    "a fraction": ("chr1\t10.5\t20", "start is not a whole number"),
    "a small exponent": ("chr1\t1e-3\t20", "start is not a whole number"),
    "not a number": ("chr1\tnan\t20", "start is not a whole number"),
    "infinite": ("chr1\t10\tinf", "end is not a whole number"),
    "beyond floats": ("chr1\t10\t1e999", "end is not a whole number"),
    "hexadecimal": ("chr1\t0x10\t20", "start is not a whole number"),
    "thousands": ("chr1\t1,000\t2,000", "start is not a whole number"),
    "underscores": ("chr1\t1_000\t2_000", "start is not a whole number"),
    "2 columns": ("chr1\t10", "fewer than 3 columns"),
    "1 column": ("chr1", "fewer than 3 columns"),
    "empty end": ("chr1\t10\t", "fewer than 3 columns"),
    "empty start": ("chr1\t\t20", "fewer than 3 columns"),
    "beyond 32 bits": ("chr1\t10\t2147483648", "end is beyond 2,147,483,647"),
    "beyond 64 bits": ("chr1\t10\t99999999999999999999", "end is beyond 2,147,483,647"),
    "binary": ("\x00\x01\x02", "fewer than 3 columns"),
}
BEFORE = {
    "first": "",
    "after a line": "chr1\t1\t2\n",
    "after comments": "#x\n\ntrack a\n# y\nchr1\t1\t2\n#z\n\n",
    "after a header": "chrom\tstart\tend\nchr1\t1\t2\n",
    "after comments and header": "# x\nchrom\tstart\tend\nchr1\t1\t2\n",
    "after ragged lines": "chr1\t1\t2\nchr1\t1\t2\tx\n",
    "after CRLF lines": "#\r\nchr1\t1\t2\r\n\r\nchr1\t1\t2\r\n",
    "after spaces": "chr1 1 2\n",
}


@pytest.mark.parametrize("fault", BAD_LINES)
@pytest.mark.parametrize("before", BEFORE)
def test_a_bad_line_is_named(fault: str, before: str, tmp_path: Path) -> None:
    line, reason = BAD_LINES[fault]
    text = BEFORE[before] + line + "\nchr1\t5\t6\nchr1\t9\t3\n"
    path = toy.write_packed(tmp_path / "some.bed.gz", text.encode(), "gzip")
    with pytest.raises(PeakFileError) as caught:
        read_peaks(path)
    number = BEFORE[before].count("\n") + 1
    assert str(caught.value).startswith(f"{path}, line {number}: {reason}")
    assert repr(line.strip())[1:-1] in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n", "# x\n", "track a\n\n# y", "chrom\tstart\tend\n"])
@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
def test_no_peak(text: str, packing: toy.Packing, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "x.bed", text.encode(), packing)
    with pytest.raises(PeakFileError, match=r"x\.bed holds no peak"):
        read_peaks(path)


def test_damaged_files(tmp_path: Path) -> None:
    text = toy.bed_text(toy.peaks(0, n=20_000)).encode()
    whole = gzip.compress(text)
    blocks = toy.write_packed(tmp_path / "whole.bed.gz", text, "bgzip").read_bytes()
    last = blocks[:-28].rfind(b"\x1f\x8b\x08\x04")
    damaged = {
        "half": whole[: len(whole) // 2],
        "one byte less": whole[:-1],
        "header only": whole[:5],
        "bits flipped": whole[:1000] + bytes(255 - b for b in whole[1000:1010]) + whole[1010:],
        "more behind": whole + b"more",
        "a bgzip block less": blocks[:last],
        "no bgzip end": blocks[:-28],
    }
    for name, content in damaged.items():
        path = toy.write_packed(tmp_path / f"{name}.bed.gz", content)
        with pytest.raises(PeakFileError, match="damaged or truncated") as caught:
            read_peaks(path)
        assert str(path) in str(caught.value)


def test_a_missing_file_or_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.bed", tmp_path):
        with pytest.raises(PeakFileError, match="no peak file at"):
            read_peaks(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.bed", True),
        ("a.narrowPeak", True),
        ("a.broadPeak.gz", True),
        ("a.bed.gz", True),
        ("a.bed.txt", False),
        ("a.bigBed", False),
        ("tasks.tsv", False),
        ("a.gz", False),
    ],
)
def test_which_names_are_those_of_peak_files(name: str, expected: bool) -> None:
    assert is_peak_file(Path(name)) == expected
