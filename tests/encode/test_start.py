"""Tables, carts and lists are told apart by their content."""

from __future__ import annotations

from pathlib import Path

import pytest

from nucleotides.encode.start import read_start
from nucleotides.errors import MetadataError
from tests.encode.rows import DATA

ADDRESS = "https://www.encodeproject.org/files/ENCFF000AAA/@@download/ENCFF000AAA.bed.gz"


def write(folder: Path, text: str) -> Path:
    path = folder / "start"
    path.write_text(text)
    return path


def test_a_real_cart() -> None:
    start = read_start(DATA / "encode_files_txt.2023-HepG2.txt.gz")
    assert start.kind == "cart"
    assert len(start.files) == 35
    assert start.files[0] == "ENCFF199YFA"
    assert start.experiments == ()
    assert start.metadata_url is not None
    assert start.metadata_url.startswith(
        "https://www.encodeproject.org/metadata/?files.file_format"
    )
    assert '"' not in start.metadata_url


def test_a_cart_without_its_first_line(tmp_path: Path) -> None:
    s3 = "s3://encode-public/2020/01/01/aaa/ENCFF000AAB.bed.gz"
    start = read_start(write(tmp_path, f"{ADDRESS}\n{s3}\n{ADDRESS}\n\n"))
    assert (start.kind, start.metadata_url) == ("cart", None)
    assert start.accessions == ("ENCFF000AAA", "ENCFF000AAB")


def test_a_list(tmp_path: Path) -> None:
    text = "# mine, for now\nENCFF000AAA # why\n\n encsr000aaa\r\nENCFF000AAA\n"
    start = read_start(write(tmp_path, text))
    assert start.kind == "list"
    assert start.files == ("ENCFF000AAA",)
    assert start.experiments == ("ENCSR000AAA",)


@pytest.mark.parametrize(
    "name",
    ["2019-H1-hESC-histone.tsv.gz", "2020-DNase.bam.tsv.gz", "2020-TFChIP.bam.filtered.csv.gz"],
)
def test_tables(name: str) -> None:
    start = read_start(DATA / f"encode_metadata.{name}")
    assert (start.kind, start.accessions) == ("table", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("<html>", "is a web page"),
        ("# nothing\n", "names no file"),
        ("ENCFF000AAA\nENCFF00AAB\n", "line 2: 'ENCFF00AAB' is not one accession"),
        ("K562\n", "line 1: 'K562' is not one accession"),
        (f"{ADDRESS}\nhttps://example.org/x.bed\n", "line 2: .* is not the address of an ENCODE"),
    ],
)
def test_what_is_none_of_these(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(MetadataError, match=message):
        read_start(write(tmp_path, text))
