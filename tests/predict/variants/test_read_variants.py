"""Alleles out of VCFs and tables, and what of them is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.predict.variants.read_variants import read_variants
from tests import toy

HEADER = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
BODY = """chr20\t3\trs1\tC\tT\t.\tPASS\tA=1
20\t4\t.\tca\tA,CAT,<DEL>,*\t.\t.\t.
MT\t1\tm\tG\tC\t.\t.\t.
chr20\t0\tt\tN\t.[20:5[\t.\t.\t.
chr20\t11\tt\tN\t]20:5].\t.\t.\t.
chrUn\t99999\t.\tA\tC\t.\t.\t.
chr20\t10\t.\tA\t.\t.\t.\t.
"""


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    folder = tmp_path_factory.mktemp("genome")
    return toy.genome_store(folder, {"chr20": "AACCAGTTAA", "chrM": "GGGG"})


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"chrom": ["chr20"], "pos": [3], "ref": ["C"], "alt": ["T"]} | columns)


def test_a_row_an_allele(genome: GenomeStore, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "a.vcf", (HEADER + BODY).encode())
    found = read_variants(path, genome)
    assert found.columns.tolist() == [
        *("id", "chrom", "pos", "ref", "alt", "contig", "start", "kind", "reason")
    ]
    assert found["alt"].tolist()[1:5] == ["A", "CAT", "<DEL>", "*"]
    assert found["ref"].tolist()[:3] == ["C", "ca", "ca"]
    assert found["id"].tolist()[:2] == ["rs1", "."]
    assert found["contig"].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, -1, 0]
    assert found["pos"].tolist() == [3, 4, 4, 4, 4, 1, 0, 11, 99999, 10]
    assert (found["start"] == found["pos"] - 1).all()
    assert found["kind"].tolist() == [
        *("SNV", "deletion", "insertion", "symbolic", "star", "SNV"),
        *("breakend", "breakend", "SNV", "missing"),
    ]
    scored = [True, True, True, False, False, True, False, False, False, False]
    assert (found["reason"] == "").tolist() == scored
    assert found["reason"].iloc[8] == "the genome has no such contig"
    assert found.index.tolist() == list(range(10))


@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("header", [HEADER, "", "# made by hand\n\n"])
def test_however_it_is_written(
    genome: GenomeStore, tmp_path: Path, packing: toy.Packing, newline: str, header: str
) -> None:
    content = (header + BODY).replace("\n", newline).encode()
    expected = read_variants(toy.write_packed(tmp_path / "a.vcf", (HEADER + BODY).encode()), genome)
    found = read_variants(toy.write_packed(tmp_path / "b.vcf", content, packing), genome)
    pd.testing.assert_frame_equal(found, expected)


def test_a_table_is_as_a_vcf_and_keeps_its_index(genome: GenomeStore, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "a.vcf", BODY.encode())
    columns = ["chrom", "pos", "id", "ref", "alt"]
    table = pd.read_csv(path, sep="\t", names=columns, usecols=range(5)).iloc[:, ::-1]
    table.index = list("abcdefg")
    found = read_variants(table, genome)
    assert "".join(found.index) == "abbbbcdefg"
    pd.testing.assert_frame_equal(found.reset_index(drop=True), read_variants(path, genome))


def test_missing_values_and_whole_floats(genome: GenomeStore) -> None:
    found = read_variants(frame(chrom=[20], pos=[3.0], alt=[None]), genome)
    assert found.iloc[0][["id", "chrom", "pos", "alt", "kind"]].tolist() == [
        *(".", "20", 3, ".", "missing")
    ]


@pytest.mark.parametrize("records", ["# none\n", HEADER, frame().iloc[:0]])
def test_no_variants(genome: GenomeStore, tmp_path: Path, records: str | pd.DataFrame) -> None:
    if isinstance(records, str):
        path = toy.write_packed(tmp_path / "a.vcf", records.encode())
        assert read_variants(path, genome).shape == (0, 9)
    else:
        assert read_variants(records, genome).shape == (0, 9)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("chr20\t-1\t.\tA\tC", "line 2: POS -1 is negative"),
        ("chr20\t1.5\t.\tA\tC", "line 2: POS 1.5 is no whole number"),
        ("chr20\t1_0\t.\tA\tC", "line 2: POS 1_0 is no"),
        ("chr20\t\t.\tA\tC", "line 2: POS  is no"),
        ("chr20\t99999999999999999999\t.\tA\tC", "line 2: POS 9+ is no"),
        ("chr20\t0\t.\tA\tC", "line 2: POS 0 with 1 bases of REF is not within chr20"),
        ("chr20\t11\t.\tA\tC", "line 2: POS 11 with .* which has bases 1 to 10 in "),
        ("20\t10\t.\tAA\tC", "line 2: POS 10 with 2 bases of REF is not within 20"),
        ("chr20\t12\t.\tA\t<DEL>", "line 2: POS 12 "),
        ("chr20\t1\t.\tA", "line 2: 4 columns, where 5 are"),
        ("chr20\t1\t.\tA\tC\tx", "line 2: 6 columns, where 5 are"),
        ("chr20 1 . A C", "line 2: 1 columns, .* parted by tabs"),
        ("chr20\t1\t.\tA!\tC", "line 2: REF 'A!' is not made of nucleotide letters"),
        ("chr20\t1\t.\tA\tC,,T", "line 2: ALT '' is not"),
        ("chr20\t1\t.\t.\tC", "line 2: REF '.' is not"),
    ],
)
def test_a_malformed_record_is_told_by_its_line(
    genome: GenomeStore, tmp_path: Path, line: str, says: str
) -> None:
    good = "chr20\t3\t.\tC\tT\n"
    path = toy.write_packed(tmp_path / "a.vcf", f"{good}{line}\n{good}".encode())
    with pytest.raises(InputError, match=says):
        read_variants(path, genome)


def test_columns_are_as_many_as_the_header_has(genome: GenomeStore, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "a.vcf", f"{HEADER}chr20\t3\t.\tC\tT\n".encode())
    with pytest.raises(InputError, match="line 3: 5 columns, where 8 are"):
        read_variants(path, genome)
    path.write_text("chr20\t3\n")
    with pytest.raises(InputError, match="line 1: 2 columns, where five or more are"):
        read_variants(path, genome)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"pos": [-3]}, "row 0: POS -3 is negative"),
        ({"pos": [float("nan")]}, "row 0: POS . is no whole number"),
        ({"pos": [2.5]}, "row 0: POS 2.5 is no whole"),
        ({"pos": [float("inf")]}, "row 0: POS inf is no whole"),
        ({"pos": [2**63]}, "row 0: POS 9223372036854775808 is no whole"),
        ({"pos": [11]}, "row 0: POS 11 with"),
        ({"ref": [float("nan")]}, "row 0: REF '.' is not"),
        ({"ref": ["-"]}, "row 0: REF '-' is not .* anchors"),
    ],
)
def test_a_malformed_row_is_told(genome: GenomeStore, columns: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_variants(frame(**columns), genome)


def test_a_table_without_its_columns(genome: GenomeStore) -> None:
    with pytest.raises(InputError, match="no column pos, alt: it needs chrom, pos, ref, alt"):
        read_variants(frame().drop(columns=["pos", "alt"]), genome)


def test_files_that_are_no_vcf(genome: GenomeStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no VCF at"):
        read_variants(tmp_path / "nothing.vcf", genome)
    whole = toy.write_packed(tmp_path / "a.vcf.gz", (HEADER + BODY).encode(), "bgzip").read_bytes()
    cut = toy.write_packed(tmp_path / "b.vcf.gz", whole[:-28])
    with pytest.raises(InputError, match="bgzip's end is missing"):
        read_variants(cut, genome)
    whole = toy.write_packed(tmp_path / "c.vcf.gz", (HEADER + BODY).encode(), "gzip").read_bytes()
    for content in (whole[:-12], whole[:30] + b"????" + whole[34:]):
        with pytest.raises(InputError, match="damaged or truncated"):
            read_variants(toy.write_packed(tmp_path / "d.vcf.gz", content), genome)
    bcf = toy.write_packed(tmp_path / "e.bcf", b"BCF\2\2\n", "bgzip")
    with pytest.raises(InputError, match="is a BCF: make a VCF of it with"):
        read_variants(bcf, genome)
