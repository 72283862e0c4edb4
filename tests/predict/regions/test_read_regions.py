"""Regions from a BED or a table, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from nucleotides.errors import CoordinateError, InputError, UnknownNameError
from nucleotides.genome import GenomeStore
from nucleotides.predict.regions.read_regions import read_regions
from tests import toy

TEXT = (
    "track name=x\n# a comment\nbrowser position chr1\n\n"
    "chr2\t5\t9\tr1\t0\t-\nchr1\t0\t6000\tr2\t7\t+\n1\t10\t11\tr3\t.\t.\n"
)


@pytest.fixture
def genome(tmp_path: Path) -> GenomeStore:
    return toy.genome_store(tmp_path)


@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_bed(packing: toy.Packing, newline: str, genome: GenomeStore, tmp_path: Path) -> None:
    text = TEXT.replace("\n", newline).encode()
    table = read_regions(toy.write_packed(tmp_path / "r.bed", text, packing), genome)
    assert table.to_dict("list") == {
        "chrom": ["chr2", "chr1", "1"],
        "start": [5, 0, 10],
        "end": [9, 6000, 11],
        "name": ["r1", "r2", "r3"],
        "strand": ["-", "+", "."],
        "contig": [1, 0, 0],
    }


def test_three_columns_or_blanks_between_them(genome: GenomeStore, tmp_path: Path) -> None:
    (tmp_path / "r.bed").write_text("chr1 1 2\nchr2  3  4\n")
    table = read_regions(tmp_path / "r.bed", genome)
    assert list(table) == ["chrom", "start", "end", "contig"]
    assert table["start"].tolist() == [1, 3]


def test_a_table_keeps_its_index(genome: GenomeStore) -> None:
    given = pd.DataFrame(
        {"strand": ["-", None], "end": [9.0, 3.0], "start": [5, 1], "chrom": ["chr2", "chr1"]},
        index=["x", "y"],
    )
    table = read_regions(given, genome)
    assert list(table) == ["chrom", "start", "end", "strand", "contig"]
    assert table.index.tolist() == ["x", "y"]
    assert table["end"].tolist() == [9, 3]
    assert table["strand"].tolist()[0] == "-"


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("chr1\t5", InputError, r"bad.bed line 2: 2 column\(s\), where a BED has three or more"),
        ("chr1\tfive\t9", InputError, "line 2: start or end 'five' is no whole number"),
        ("chr1\t5\t9.5", InputError, "line 2: start or end '9.5' is no whole number"),
        ("chr1\t9\t9", CoordinateError, "line 2: chr1:9-9 has no base"),
        ("chr1\t9\t8", CoordinateError, "line 2: chr1:9-8 has no base"),
        ("chr1\t-1\t8", CoordinateError, "line 2: chr1:-1-8 is not within chr1"),
        ("chr1\t0\t6001", CoordinateError, "line 2: chr1:0-6001 is not within chr1, which has 6,0"),
        ("chrTyni\t0\t1", UnknownNameError, "did you mean 'chrTiny'.*line 2"),
        ("chr1\t0\t1\tn\t0\tplus", InputError, "line 2: strand 'plus' is none of"),
    ],
)
def test_a_malformed_line_is_told(
    line: str, error: type[Exception], says: str, genome: GenomeStore, tmp_path: Path
) -> None:
    (tmp_path / "bad.bed").write_text(f"chr1\t0\t10\n{line}\nchr1\t1\t2\n")
    with pytest.raises(error, match=says):
        read_regions(tmp_path / "bad.bed", genome)


def test_no_regions_and_no_file(genome: GenomeStore, tmp_path: Path) -> None:
    (tmp_path / "empty.bed").write_text("# nothing\n")
    with pytest.raises(InputError, match=r"no region in .*empty.bed"):
        read_regions(tmp_path / "empty.bed", genome)
    with pytest.raises(InputError, match="no BED at"):
        read_regions(tmp_path / "nowhere.bed", genome)
    with pytest.raises(InputError, match="no region in the table"):
        read_regions(pd.DataFrame({"chrom": [], "start": [], "end": []}), genome)
    with pytest.raises(InputError, match="no column end"):
        read_regions(pd.DataFrame({"chrom": ["chr1"], "start": [1]}), genome)


@pytest.mark.parametrize("packing", ["gzip", "bgzip"])
def test_a_cut_file_is_refused(packing: toy.Packing, genome: GenomeStore, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "r.bed.gz", TEXT.encode() * 9, packing)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="damaged or truncated"):
        read_regions(path, genome)
