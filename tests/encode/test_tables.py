"""Every vintage reads alike, and what is no such table is refused in words."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nucleotides.encode.tables import COLUMNS, join_tables, read_table, read_tables, tidy_replicates
from nucleotides.errors import MetadataError
from tests.encode.rows import DATA

OLD = DATA / "encode_metadata.2019-H1-hESC-histone.tsv.gz"
NEWEST = [
    "File accession", "File format", "File type", "File format type", "Output type",
    "File assembly", "Experiment accession", "Assay", "Biosample term name",
    "Biosample treatments", "Biosample treatments amount",
    "Biosample genetic modifications methods", "Biosample genetic modifications zygosity",
    "Experiment target", "Library crosslinking method", "Project", "Biological replicate(s)",
    "Technical replicate(s)", "Size", "md5sum", "File download URL", "File Status", "s3_uri",
    "Azure URL", "File analysis title", "File analysis status", "Audit WARNING",
    "Audit NOT_COMPLIANT", "Audit ERROR",
]  # fmt: skip
CELLS = {"File accession": "ENCFF000AAA", "File type": "bed", "File format": "bed broadPeak"}


def line(cells: dict[str, str], header: list[str] = NEWEST) -> str:
    return "\t".join(cells.get(name, "") for name in header)


def write(folder: Path, *lines: str, end: str = "\n") -> Path:
    path = folder / "table.tsv"
    path.write_bytes("".join(text + end for text in lines).encode())
    return path


@pytest.mark.parametrize(
    ("name", "rows", "kind", "lacks"),
    [
        ("2019-H1-hESC-histone.tsv.gz", 186, "", {"s3_uri", "analysis_status"}),
        ("2020-DNase.bam.tsv.gz", 300, "bam", {"analysis_status"}),
        ("2020-HistoneChIP.bam.tsv.gz", 300, "bam", {"analysis_status"}),
        ("2020-TFChIP.bam.filtered.csv.gz", 300, "bam", {"analysis_status"}),
    ],
)
def test_older_vintages(name: str, rows: int, kind: str, lacks: set[str]) -> None:
    metadata = read_table(DATA / f"encode_metadata.{name}")
    files = metadata.files
    assert list(files.columns) == list(COLUMNS)
    assert len(files) == metadata.sources[0].rows == rows
    assert lacks <= set(metadata.sources[0].lacks)
    assert ("s3_uri" in metadata.sources[0].lacks) == ("s3_uri" in lacks)
    assert set(files["assembly"]) <= {"GRCh38", "hg19"}
    assert files["accession"].str.fullmatch("ENCFF[0-9]{3}[A-Z]{3}").all()
    assert files["md5"].str.fullmatch("[0-9a-f]{32}").all()
    assert files["biological_replicates"].str.fullmatch(r"(\d+(, \d+)*)?").all()
    assert not files.isna().any(axis=None)
    assert set(files["file_type"]) == ({kind} if kind else {"bed", "bigBed", "bigWig"})


def test_formats_of_2019_are_split() -> None:
    files = read_table(OLD).files
    pairs = files[["file_type", "format_type"]].drop_duplicates().itertuples(index=False, name=None)
    assert set(pairs) == {("bed", "narrowPeak"), ("bigBed", "narrowPeak"), ("bigWig", "")}


def test_the_newest_vintage(tmp_path: Path) -> None:
    cells = CELLS | {
        "File format type": "broadPeak",
        "File assembly": "GRCh38",
        "File analysis status": "archived",
        "Biosample treatments": "ethanol",
        "Biosample treatments amount": "0.02 percent",
        "Biosample genetic modifications zygosity": "homozygous",
        "Biological replicate(s)": "2, 1",
    }
    metadata = read_table(write(tmp_path, "\t".join(NEWEST), line(cells)))
    file = metadata.files.iloc[0]
    assert metadata.lacking("analysis_status") == []
    assert file["file_type"] == "bed"
    assert file["format_type"] == "broadPeak"
    assert file["assembly"] == "GRCh38"
    assert file["analysis_status"] == "archived"
    assert file["treatments"] == "ethanol; 0.02 percent"
    assert file["genetic_modification"] == "homozygous"
    assert file["biological_replicates"] == "1, 2"
    assert file["source"] == str(tmp_path / "table.tsv")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotes_break_no_row(end: str, tmp_path: Path) -> None:
    titles = ['"5"" probe"', '"unclosed', 'in "the" middle', '"a", "b"']
    rows = [line(CELLS | {"File analysis title": title}) for title in titles]
    files = read_table(write(tmp_path, "\ufeff" + "\t".join(NEWEST), *rows, end=end)).files
    assert files["analysis_title"].tolist()[:3] == ['5" probe', '"unclosed', 'in "the" middle']
    assert len(files) == 4


def test_a_quoted_tab_belongs_to_its_cell(tmp_path: Path) -> None:
    rows = [line(CELLS | {"File analysis title": '"a\tb"'}), line(CELLS)]
    files = read_table(write(tmp_path, "\t".join(NEWEST), *rows)).files
    assert files["analysis_title"].tolist() == ["a\tb", ""]


def test_tables_are_joined_in_their_order() -> None:
    paths = [OLD, DATA / "encode_metadata.2020-DNase.bam.tsv.gz"]
    both = read_tables(paths)
    assert [source.name for source in both.sources] == [str(path) for path in paths]
    assert len(both.files) == 486
    assert both.files["source"].iloc[0] == str(paths[0])
    assert both.lacking("s3_uri") == [str(OLD)]
    with pytest.raises(MetadataError, match="no metadata table"):
        join_tables([])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b'{"status": "error", "code": 404}', 'is JSON.*"code": 404'),
        (line({}).join(["\t".join(NEWEST) + "\n", ""]).encode()[:600], "a header and no rows"),
        (b"File accesion\tOutput type\nx\ty\n", r"'File accession' \(it has 'File accesion'\)"),
        (b"\x1f\x8b\x08\x00abc", "damaged or cut gzip"),
        (gzip.compress(b"File accession\t" * 99, mtime=0)[:-9], "damaged or cut gzip"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "metadata.tsv"
    path.write_bytes(content)
    with pytest.raises(MetadataError, match=message) as caught:
        read_table(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_report_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MetadataError, match=r"nowhere\.tsv cannot be read: No such file"):
        read_table(tmp_path / "nowhere.tsv")
    with pytest.raises(MetadataError, match="is a portal report"):
        read_table(DATA / "encode_cart_report.2023-HepG2.tsv.gz")


@pytest.mark.parametrize("cells", ["ENCFF000AAB\tbed", line(CELLS) + "\tmore"])
def test_a_row_of_another_width_is_named(cells: str, tmp_path: Path) -> None:
    path = write(tmp_path, "\t".join(NEWEST), line(CELLS), line(CELLS), cells)
    found = cells.count("\t") + 1
    with pytest.raises(MetadataError, match=f"line 4: {found} cells where the header has 29"):
        read_table(path)


def test_letters_that_are_no_utf8_are_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "\t".join(NEWEST), line(CELLS | {"Project": "caf\u00e9"}))
    path.write_bytes(path.read_bytes().decode().encode("latin-1"))
    with pytest.raises(MetadataError, match=r"cannot be read as a table: .*UTF8"):
        read_table(path)


def test_a_cut_csv_row_is_named(tmp_path: Path) -> None:
    lines = [",".join(NEWEST), line(CELLS).replace("\t", ","), '"ENCFF000AAB",bed']
    with pytest.raises(MetadataError, match="line 3: 2 cells where the header has 29"):
        read_table(write(tmp_path, *lines))


@pytest.mark.parametrize("name", ["File analysis status", "s3_uri", "Size"])
def test_columns_of_some_vintages_may_be_absent(name: str, tmp_path: Path) -> None:
    header = [column for column in NEWEST if column != name]
    metadata = read_table(write(tmp_path, "\t".join(header), line(CELLS, header)))
    assert {"File analysis status": "analysis_status"}.get(name, name.lower()) in (
        metadata.sources[0].lacks
    )


@pytest.mark.parametrize("name", ["Library crosslinking method", "Audit ERROR", "md5sum"])
def test_columns_of_all_vintages_may_not_be_absent(name: str, tmp_path: Path) -> None:
    header = [column for column in NEWEST if column != name]
    with pytest.raises(MetadataError, match=f"lacks 1 of the columns.*'{name}'"):
        read_table(write(tmp_path, "\t".join(header), line(CELLS, header)))


@pytest.mark.parametrize(
    ("text", "tidy"),
    [("", ""), ("2.0", "2"), ("2,1", "1, 2"), ("10, 9, 9", "9, 10"), ("1, 2, 3", "1, 2, 3")],
)
def test_replicates_have_one_form(text: str, tidy: str) -> None:
    assert tidy_replicates(text) == tidy
