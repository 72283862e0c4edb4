"""The demo's portal: real files with right checksums, and rows for every rule that drops files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from nucleotides.demo.files import FASTA, PEAKS
from nucleotides.portal.demo import build_demo_portal
from nucleotides.portal.tables import COLUMNS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "portal"
    tasks = pd.read_csv(PEAKS / "tasks.tsv", sep="\t", dtype=str, keep_default_na=False)
    real = tasks[(tasks["assembly_of_source"] == "GRCh38") & (tasks["accession"] != "")]
    assert build_demo_portal(folder, PEAKS, FASTA) == len(real) > 0
    return folder


def table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / "metadata" / f"{name}.tsv"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def is_made(rows: pd.DataFrame) -> pd.Series:
    return rows["File accession"].str.fullmatch(r"ENCFF9\d\dAA[A-G]")


@pytest.mark.parametrize("name", ["dnase", "chip"])
def test_rows_are_those_of_the_files(name: str, folder: Path) -> None:
    rows = table(folder, name)
    assert list(rows.columns) == list(COLUMNS)
    assert rows["File accession"].is_unique
    real = rows[~is_made(rows)]
    assert len(real)
    for row in real.to_dict("records"):
        path = folder / "files" / row["File download URL"].rpartition("/")[2]
        content = path.read_bytes()
        assert (row["Size"], row["md5sum"]) == (str(len(content)), hashlib.md5(content).hexdigest())
        assert row["s3_uri"] == f"s3://encode-public/{path.name}"
    assert (real["Assay"] == "DNase-seq").all() == (name == "dnase")


@pytest.mark.parametrize("name", ["dnase", "chip"])
def test_each_file_has_companions_that_are_not_there(name: str, folder: Path) -> None:
    rows = table(folder, name)
    made = is_made(rows)
    assert made.sum() == 7 * (~made).sum()
    there = {path.name.partition(".")[0] for path in (folder / "files").iterdir()}
    assert not there & set(rows.loc[made, "File accession"])
    for column, value in [
        ("File type", "bigWig"), ("File type", "bigBed"), ("Biological replicate(s)", "1"),
        ("Biological replicate(s)", "2"), ("File Status", "archived"), ("File assembly", "hg19"),
        ("Audit ERROR", "extremely low read depth"),
    ]:  # fmt: skip
        assert (rows.loc[made, column] == value).sum() == (~made).sum()


def test_the_reference_is_there_under_the_portal_s_name(folder: Path) -> None:
    fasta = [path for path in (folder / "files").iterdir() if "fasta" in path.name]
    assert len(fasta) == 1
    assert fasta[0].read_bytes() == FASTA.read_bytes()
