"""VCFs in chunks: the same cut whatever the packing, all that was read before an error."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pysam
import pytest

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.predict.variants import read_vcf, stream_vcf
from nucleotides.predict.variants.stream_vcf import Chunk
from tests import toy

HEADER = [
    "##fileformat=VCFv4.3",
    '##INFO=<ID=A,Number=1,Type=Integer,Description="é">',
    "##contig=<ID=chr1>",
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
]
CONTIG = toy.sequence(3000)


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"), {"chr1": CONTIG})


def random_records(n: int, seed: int = 0) -> list[str]:
    """Records of up to four alternates, in no order."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(n):
        start = int(rng.integers(len(CONTIG) - 30))
        ref = CONTIG[start : start + int(rng.integers(1, 30) ** (i % 2))]
        alts = {
            toy.sequence(int(rng.integers(1, 30)), 4 * i + k) for k in range(rng.integers(1, 5))
        }
        alts = sorted(alts - {ref}) + ["<DEL>"] * (i % 7 == 0) or ["*"]
        found.append(f"chr1\t{start + 1}\tr{i}\t{ref}\t{','.join(alts)}\t.\tPASS\tA={i}")
    return found


RECORDS = random_records(60)


def text(records: list[str] = RECORDS, header: list[str] = HEADER, newline: str = "\n") -> bytes:
    return "".join(line + newline for line in header + records).encode()


def chunks_before_error(
    path: Path | None, genome: GenomeStore, size: int = 1
) -> tuple[list[Chunk], str]:
    """Chunks until an error, and what it says."""
    found: list[Chunk] = []
    with pytest.raises(InputError) as error:
        found.extend(stream_vcf.stream_vcf(path, genome, size=size))
    return found, str(error.value)


def give(monkeypatch: pytest.MonkeyPatch, stream: object) -> None:
    """Put it on standard input."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("piped", [False, True])
def test_chunks_are_the_file(
    genome: GenomeStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    packing: toy.Packing,
    newline: str,
    piped: bool,
) -> None:
    monkeypatch.setattr(read_vcf, "_PIECE", 97)  # so that pieces end anywhere
    path = toy.write_packed(tmp_path / "a.vcf", text(newline=newline), packing)
    if piped:
        give(monkeypatch, io.BytesIO(path.read_bytes()))
    stream = stream_vcf.stream_vcf(None if piped else path, genome, size=size)
    chunks = list(stream)
    assert stream.header == HEADER
    assert stream_vcf.count_chunks(path, size) == len(chunks)
    assert [line for chunk in chunks for line in chunk.lines] == RECORDS
    counts = np.cumsum([0, *(len(chunk.lines) for chunk in chunks)])
    assert [chunk.first for chunk in chunks] == (counts[:-1] + 1).tolist()
    for chunk in chunks:
        n_last = int((chunk.table["record"] == len(chunk.lines) - 1).sum())
        assert len(chunk.table) - n_last < size
        assert len(chunk.table) >= size or chunk is chunks[-1]


def test_each_chunk_is_as_if_it_were_the_file(genome: GenomeStore, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "a.vcf", text())
    chunks = list(stream_vcf.stream_vcf(path, genome, size=20))
    assert len({chunk.digest for chunk in chunks}) == len(chunks) > 5
    for chunk in chunks:
        alone = toy.write_packed(tmp_path / "b.vcf", text(chunk.lines, []))
        (again,) = stream_vcf.stream_vcf(alone, genome)
        assert again.digest == chunk.digest
        pd.testing.assert_frame_equal(again.table, chunk.table)
        ids = [line.split("\t")[2] for line in chunk.lines]
        assert [ids[i] for i in chunk.table["record"]] == chunk.table["id"].tolist()


def test_alleles_are_those_that_pysam_reads(genome: GenomeStore, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "a.vcf.gz", text(), "bgzip")
    tables = [chunk.table for chunk in stream_vcf.stream_vcf(path, genome, size=50)]
    columns = ["chrom", "start", "id", "ref", "alt"]
    with pysam.VariantFile(str(path)) as file:
        wanted = [(r.chrom, r.start, r.id, r.ref, alt) for r in file for alt in r.alts]
    found = pd.concat(tables)[columns].itertuples(index=False, name=None)
    assert list(found) == wanted


def test_the_last_line_may_lack_its_end(genome: GenomeStore, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "a.vcf", text().rstrip(b"\n"))
    assert [c.lines for c in stream_vcf.stream_vcf(path, genome)] == [RECORDS]
    path = toy.write_packed(tmp_path / "b.vcf", "\n".join(HEADER).encode())
    assert stream_vcf.stream_vcf(path, genome).header == HEADER


def test_many_letters_end_a_chunk(
    genome: GenomeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_vcf, "_MOST_LETTERS", 300)
    path = toy.write_packed(tmp_path / "a.vcf", text())
    chunks = list(stream_vcf.stream_vcf(path, genome))
    assert [line for chunk in chunks for line in chunk.lines] == RECORDS
    for chunk in chunks[:-1]:
        assert 300 <= sum(map(len, chunk.lines)) < 300 + len(chunk.lines[-1])


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ("chr1\t-1\t.\tA\tC\t.\t.\t.", "POS -1 is negative"),
        ("chr1\tx\t.\tA\tC\t.\t.\t.", "POS x is no whole number"),
        ("chr1\t3001\t.\tA\tC\t.\t.\t.", "POS 3001 with 1 bases of REF is not within chr1"),
        ("chr1\t1\t.\tA\t!\t.\t.\t.", "ALT '!' is not made of nucleotide letters"),
        ("chr1\t1\t.\tA\tC", "5 columns, where 8 are expected"),
        ("chr1\t1\t.\tA\tC\t.\t.\t\udcff", "byte 18 is not UTF-8"),
    ],
)
@pytest.mark.parametrize("before", [0, 1, 12])
def test_chunks_before_a_malformed_record_are_given(
    genome: GenomeStore, tmp_path: Path, record: str, says: str, before: int
) -> None:
    records = [*RECORDS[:before], record, *RECORDS[before:]]
    content = "\n".join([*HEADER, "", *records]).encode(errors="surrogateescape")
    path = toy.write_packed(tmp_path / "a.vcf", content)
    whole = stream_vcf.stream_vcf(toy.write_packed(tmp_path / "b.vcf", text()), genome, size=5)
    given, place = list[Chunk](), f"record {before + 1}, line {before + 6}"
    with pytest.raises(InputError, match=f"a.vcf {place}: {says}"):
        given.extend(stream_vcf.stream_vcf(path, genome, size=5))
    wanted = [chunk for chunk in whole if chunk.first + len(chunk.lines) - 1 <= before]
    assert [chunk.digest for chunk in given] == [chunk.digest for chunk in wanted]


@pytest.mark.parametrize("packing", ["gzip", "bgzip"])
@pytest.mark.parametrize("piped", [False, True])
def test_wherever_it_is_cut_it_is_refused(
    genome: GenomeStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    packing: toy.Packing,
    piped: bool,
) -> None:
    whole = toy.write_packed(tmp_path / "a.vcf", text(RECORDS[:20]), packing).read_bytes()
    most = 0
    for cut in range(3, len(whole), 11):
        path = toy.write_packed(tmp_path / "b.vcf", whole[:cut])
        give(monkeypatch, io.BytesIO(whole[:cut]))
        given, says = chunks_before_error(None if piped else path, genome)
        assert ("standard input" if piped else str(path)) in says
        assert "is damaged or truncated after record" in says
        assert [line for chunk in given for line in chunk.lines] == RECORDS[: len(given)]
        most = max(most, len(given))
    assert most >= 15


def test_bgzip_without_its_end(genome: GenomeStore, tmp_path: Path) -> None:
    whole = toy.write_packed(tmp_path / "a.vcf", text(), "bgzip").read_bytes()
    given, says = chunks_before_error(toy.write_packed(tmp_path / "b.vcf", whole[:-28]), genome)
    assert [line for chunk in given for line in chunk.lines] == RECORDS
    assert says.endswith(
        "truncated after record 60, line 64 (bgzip's end is missing): fetch it again"
    )


def test_damaged_bytes_are_seen(genome: GenomeStore, tmp_path: Path) -> None:
    whole = toy.write_packed(tmp_path / "a.vcf", text(), "bgzip").read_bytes()
    for place in range(20, len(whole) - 60, 53):
        wrong = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        _, says = chunks_before_error(toy.write_packed(tmp_path / "b.vcf", wrong), genome)
        assert "damaged or truncated" in says


class Endless:
    """A stream that never ends its line."""

    def __init__(self, start: bytes) -> None:
        self.start, self.given = start, 0

    def read(self, n: int) -> bytes:
        piece, self.start = self.start or b"A" * n, b""
        self.given += len(piece)
        return piece


def test_a_line_without_end_is_refused_after_so_many_bytes(
    genome: GenomeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Endless(text(RECORDS[:3]) + b"chr1\t1\t.\t")
    give(monkeypatch, endless)
    given, says = chunks_before_error(None, genome)
    assert says.startswith("standard input record 4, line 8 is longer than 64 MiB")
    assert len(given) == 3
    assert endless.given < 1.01 * read_vcf.MOST_BYTES


def test_a_packed_line_without_end_too(genome: GenomeStore, tmp_path: Path) -> None:
    packed = gzip.compress(b"\n" + b"A" * 10**8, compresslevel=1)
    _, says = chunks_before_error(toy.write_packed(tmp_path / "a.vcf", packed), genome)
    assert "record 1, line 2 is longer than 64 MiB" in says


def test_alleles_of_megabases_are_read(genome: GenomeStore, tmp_path: Path) -> None:
    record = "chr1\t1\t.\tA\t" + "ACGT" * 10**6
    path = toy.write_packed(tmp_path / "a.vcf", f"{record}\n{record}\n".encode(), "bgzip")
    lines = [chunk.lines for chunk in stream_vcf.stream_vcf(path, genome, size=1)]
    assert lines == [[record], [record]]


@pytest.mark.parametrize("header", [[], HEADER])
@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
def test_no_records(
    genome: GenomeStore, tmp_path: Path, header: list[str], packing: toy.Packing
) -> None:
    path = toy.write_packed(tmp_path / "a.vcf", text([], header), packing)
    if header:
        stream = stream_vcf.stream_vcf(path, genome)
        assert (stream.header, list(stream)) == (HEADER, [])
    else:
        with pytest.raises(InputError, match=r"a.vcf is empty: a VCF has"):
            stream_vcf.stream_vcf(path, genome)


def test_a_byte_order_mark_is_no_letter(genome: GenomeStore, tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    path.write_bytes(b"\xef\xbb\xbf##fileformat=VCFv4.3\nchr1\t10\t.\tA\tC\n")
    stream = stream_vcf.stream_vcf(str(path), genome)
    assert stream.header == ["##fileformat=VCFv4.3"]
    assert [len(chunk.table) for chunk in stream] == [1]


def test_bytes_are_not_taken_for_letters(genome: GenomeStore, tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    path.write_bytes(b"\x00\x01\xff\n")
    with pytest.raises(InputError, match="line 1 is no text: it is no VCF"):
        list(stream_vcf.stream_vcf(path, genome))


def test_what_is_no_file_of_text(genome: GenomeStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder: give the VCF itself"):
        stream_vcf.stream_vcf(tmp_path, genome)
    with pytest.raises(InputError, match="no VCF at"):
        stream_vcf.stream_vcf(tmp_path / "nothing", genome)
    path = toy.write_packed(tmp_path / "a.vcf", text(header=[*HEADER[:3], "#CHROM\tPOS"]))
    with pytest.raises(InputError, match=r"a.vcf line 4: 2 columns, where five or more are"):
        stream_vcf.stream_vcf(path, genome)


@pytest.mark.parametrize("packing", ["plain", "bgzip"])
def test_a_bcf_is_named(genome: GenomeStore, tmp_path: Path, packing: toy.Packing) -> None:
    path = toy.write_packed(tmp_path / "a.bcf", b"BCF\2\2\n\0\xff", packing)
    with pytest.raises(InputError, match="is a BCF: make a VCF of it"):
        stream_vcf.stream_vcf(path, genome)
