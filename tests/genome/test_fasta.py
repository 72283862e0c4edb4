"""Reading FASTA text: every block boundary, every kind of file, every fault."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from nucleotides.errors import FastaError
from nucleotides.genome import decode, fasta
from nucleotides.genome.fasta import FastaReader
from tests import toy

BLOCKS = [1, 2, 3, 7, 61, 1000, 1 << 24]
CONTIGS = {"a": toy.odd_sequence(150, 1), "b|2": "N", "c.3": toy.odd_sequence(61, 2)}


def read(path: Path) -> dict[str, str]:
    """{contig: upper-case letters}, pieces joined in the order in which they came."""
    out: dict[str, str] = {}
    for name, codes in FastaReader(path):
        assert codes.dtype == np.uint8
        out[name] = out.get(name, "") + decode(codes)
    return out


def known(contigs: dict[str, str]) -> dict[str, str]:
    return {k: "".join(c if c in "ACGT" else "N" for c in v.upper()) for k, v in contigs.items()}


@pytest.fixture(params=BLOCKS)
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(fasta, "_BLOCK", request.param)
    return request.param


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("width", [1, 60, 1000])
def test_all_blocks_packings_and_lines(
    packing: toy.Packing, newline: str, width: int, tmp_path: Path
) -> None:
    path = toy.write_fasta(
        tmp_path / "x.fa", CONTIGS, packing=packing, newline=newline, width=width
    )
    assert read(path) == known(CONTIGS)
    reader = FastaReader(path)
    list(reader)
    assert reader.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert reader.bytes_read == path.stat().st_size


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b">a\nACGT", {"a": "ACGT"}),
        (b"\n\n>a\n\nAC\n\nGT\n\n\n>b\nT\n\n", {"a": "ACGT", "b": "T"}),
        (b">a desc > more >x\nAC\n>b\tdesc\nGG\n", {"a": "AC", "b": "GG"}),
        (b"> a desc\nAC\n", {"a": "AC"}),
        (b">a\nACGU\nacgu\n", {"a": "ACGTACGT"}),
    ],
)
def test_forms_that_are_tolerated(text: bytes, expected: dict[str, str], tmp_path: Path) -> None:
    assert read(toy.write_packed(tmp_path / "x.fa", text)) == expected


FAULTS = {
    "nothing": (b"", "holds no sequence"),
    "blank lines only": (b"\n\n", "holds no sequence"),
    "no header": (b"ACGT\n>a\nAC\n", "does not begin with a '>' header"),
    "a bed": (b"chr1\t5\t10\n", "does not begin with a '>' header"),
    "the same contig twice": (b">a\nAC\n>b\nA\n>a x\nAC\n", "contig 'a' twice"),
    "an empty contig": (b">a\n>b\nAC\n", "contig a has no sequence"),
    "an empty last contig": (b">a\nAC\n>b", "contig b has no sequence"),
    "no name": (b">a\nAC\n> \nAC\n", "a contig without a name"),
    "an illegal letter": (b">a\nACGT\n>b\nACG\nTA*\nAC\n", "contig b, base 6: '*' is not"),
    "a blank in a line": (b">a\nAC GT\n", "contig a, base 3: ' ' is not"),
    "a header within a line": (b">a\nAC>b\nAC\n", "contig a, base 3: '>' is not"),
    "protein": (b">a\nMEEPQ\n", "contig a, base 2: 'E' is not"),
    "one byte of gzip": (b"\x1f\x8b", "damaged or truncated"),
}


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("fault", FAULTS)
def test_faults(fault: str, tmp_path: Path) -> None:
    text, message = FAULTS[fault]
    path = toy.write_packed(tmp_path / "x.fa", text)
    with pytest.raises(FastaError) as caught:
        read(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("packing", ["gzip", "bgzip"])
@pytest.mark.parametrize("cut", ["half", "one byte", "last block", "bits flipped"])
def test_damaged_gzip(packing: toy.Packing, cut: str, tmp_path: Path) -> None:
    path = toy.write_fasta(tmp_path / "x.fa.gz", {"a": toy.sequence(200_000)}, packing=packing)
    raw = path.read_bytes()
    if cut == "last block" and packing == "gzip":
        return
    if cut == "last block":
        # bgzip is a row of gzip files; without its last one the others still unpack.
        raw = raw[: -28 - len(raw[:-28].rpartition(b"\x1f\x8b\x08\x04")[2]) - 4]
    elif cut == "bits flipped":
        middle = len(raw) // 2
        raw = raw[:middle] + bytes(255 - b for b in raw[middle : middle + 8]) + raw[middle + 8 :]
    else:
        raw = raw[: len(raw) // 2 if cut == "half" else -1]
    path.write_bytes(raw)
    with pytest.raises(FastaError, match="damaged or truncated") as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_or_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.fa", tmp_path):
        with pytest.raises(FastaError, match="no FASTA at"):
            read(path)
