"""Records of a FASTA, one at a time, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from nucleotides.errors import FastaError, InputError
from nucleotides.genome import decode
from nucleotides.predict.regions.read_sequences import read_sequences
from tests import toy


@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_records(
    packing: toy.Packing, newline: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nucleotides.genome.fasta._BLOCK", 97)
    contigs = {"a": toy.odd_sequence(700, 1), "b": "acgtN", "c": toy.sequence(61)}
    path = toy.write_fasta(tmp_path / "s.fa", contigs, packing=packing, newline=newline)
    found = {record.name: decode(record.codes) for record in read_sequences(path, 5)}
    expected = {
        name: "".join(x if x in "ACGT" else "N" for x in text.upper())
        for name, text in contigs.items()
    }
    assert found == expected


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("", FastaError, "holds no sequence"),
        ("ACGT\n", FastaError, "is it a FASTA"),
        (">a\nACGT\n>b\nAC-T\n", FastaError, r"contig b, base 3: '-' is not.*\(record 2\)"),
        (">a\nACGT\n>b\nACGT\n>a\nACGT\n", FastaError, r"'a' twice \(record 3\)"),
        (">a\nACGT\n>b\n>c\nACGT\n", FastaError, r"contig b has no sequence \(record 2\)"),
        (">a\nACGT\n>\nACGT\n", FastaError, r"without a name \(record 2\)"),
        (">a\nACGT\n>b\nACG\n", InputError, "s.fa record 2, b: 3 bases; the model needs 4 or more"),
    ],
)
def test_what_is_no_sequence_is_told_by_its_record(
    text: str, error: type[Exception], says: str, tmp_path: Path
) -> None:
    (tmp_path / "s.fa").write_text(text)
    with pytest.raises(error, match=says):
        list(read_sequences(tmp_path / "s.fa", 4))


def test_what_comes_before_is_given(tmp_path: Path) -> None:
    (tmp_path / "s.fa").write_text(">a\nACGT\n>b\nACGT\n>c\nA?GT\n")
    records = read_sequences(tmp_path / "s.fa", 4)
    assert next(records).name == "a"
    with pytest.raises(FastaError):
        next(records)
