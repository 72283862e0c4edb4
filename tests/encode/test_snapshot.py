"""Metadata tables over HTTP: a whole table becomes the current one, anything else does not."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nucleotides.encode.rate import read_rate
from nucleotides.encode.snapshot import fetch_table, fetch_table_aside, read_snapshot
from nucleotides.errors import BusyError, DownloadError, MetadataError
from nucleotides.hold import alone_in
from nucleotides.portal.faults import Fault
from nucleotides.portal.server import Portal
from nucleotides.portal.tables import file_row, write_table
from tests import toy
from tests.encode.serving import Time, http, log, scripted

JANUARY, MAY = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC)


def write(portal: Portal, n_rows: int = 20, first: int = 0) -> bytes:
    rows = [file_row(f"ENCFF{i:03d}AAA", None, {}) for i in range(first, first + n_rows)]
    path = portal.folder / "metadata" / "dnase.tsv"
    write_table(path, rows)
    return path.read_bytes()


@pytest.fixture
def url(portal: Portal) -> str:
    write(portal)
    return f"{portal.url}metadata/?type=Experiment&assay_title=DNase-seq"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "experiments" / "dnase.tsv"


def at(time: datetime) -> Callable[[], datetime]:
    return lambda: time


def test_a_table_comes_with_what_is_known_of_it(
    portal: Portal, url: str, path: Path, time: Time
) -> None:
    content = write(portal)
    found = fetch_table(url, path, time.options(), at(JANUARY))
    assert path.read_bytes() == content
    assert (found.url, found.time, found.checked) == (url, "2026-01-02T03:04:05Z", found.time)
    assert (found.bytes, found.rows) == (len(content), 20)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert read_snapshot(path) == found
    assert sorted(toy.listing(path.parent)) == [
        "dnase.tsv",
        "dnase.tsv.json",
        "snapshots/dnase.2026-01-02T030405Z.tsv.gz",
    ]
    kept = path.parent / "snapshots" / "dnase.2026-01-02T030405Z.tsv.gz"
    assert gzip.decompress(kept.read_bytes()) == content


def test_an_unchanged_table_keeps_its_time(url: str, path: Path, time: Time) -> None:
    first = fetch_table(url, path, time.options(), at(JANUARY))
    again = fetch_table(url, path, time.options(), at(MAY))
    assert (again.time, again.checked) == (first.time, "2026-05-02T00:00:00Z")
    assert read_snapshot(path) == again
    assert len(list((path.parent / "snapshots").iterdir())) == 1


def test_a_changed_table_is_the_new_one_and_both_are_kept(
    portal: Portal, url: str, path: Path, time: Time
) -> None:
    fetch_table(url, path, time.options(), at(JANUARY))
    content = write(portal, 21)
    assert fetch_table(url, path, time.options(), at(MAY)).time == "2026-05-02T00:00:00Z"
    assert path.read_bytes() == content
    assert len(list((path.parent / "snapshots").iterdir())) == 2


def whole_rows(content: bytes) -> bytes:
    """The first rows, each whole.

    With a Content-Length of just these nobody can see that more should have come: a cut at the
    end of a row is seen by HTTP (fewer bytes than announced) or not at all.
    """
    return b"".join(content.splitlines(keepends=True)[:5])


BAD: dict[str, tuple[str, str]] = {
    # fault: (kind of error, message)
    "table_page": ("DownloadError", "what was there is kept: a web page in place of the file from"),
    "one_line": ("MetadataError", "answered with a header and no row"),
    "cut": ("MetadataError", "answered with a table that is cut in the middle"),
    "403": ("DownloadError", "what was there is kept: HTTP 403 from"),
    "503": ("DownloadError", "what was there is kept: HTTP 503 (6 times) from"),
    "truncate": ("DownloadError", "what was there is kept: broken off ("),
    "page": ("DownloadError", "what was there is kept: a web page in place of the file from"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("earlier", [False, True], ids=["nothing before", "good before"])
def test_what_is_no_whole_table_changes_nothing(
    kind: str, earlier: bool, portal: Portal, url: str, path: Path, time: Time
) -> None:
    if earlier:
        fetch_table(url, path, time.options(), at(JANUARY))
    before = toy.listing(path.parent)
    write(portal, 500)
    portal.faults.add(Fault("dnase.tsv", kind))
    with pytest.raises((DownloadError, MetadataError)) as caught:
        fetch_table(url, path, time.options())
    name, message = BAD[kind]
    assert (type(caught.value).__name__, message in str(caught.value)) == (name, True)
    assert toy.listing(path.parent) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c[:-1], "cut in the middle"),
        (lambda c: c[:-200], "cut in the middle"),
        (lambda c: c[: c.index(b"\n") + 100], "cut in the middle"),
        (lambda c: c[: c.index(b"\n") + 1], "a header and no row"),
        (lambda c: c[: c.index(b"\n")], "a header and no row"),
        (lambda c: c[:30], "a header and no row"),
        (lambda _: b"", "no metadata table (it begins '')"),
        (lambda _: b'{"error": "too many"}\n', 'no metadata table (it begins \'{"error"'),
        (gzip.compress, "no metadata table (it begins"),
    ],
)
@pytest.mark.parametrize("n_rows", [3, 3000])
def test_a_table_that_is_none(
    change: Callable[[bytes], bytes],
    message: str,
    n_rows: int,
    portal: Portal,
    path: Path,
    time: Time,
) -> None:
    content = write(portal, n_rows)
    bad = http("200 OK", change(content))
    with scripted(bad) as script, pytest.raises(MetadataError) as caught:
        fetch_table(script.url, path, time.options())
    assert message in str(caught.value)
    assert toy.listing(path.parent) == {}


def test_a_cut_at_the_end_of_a_row_is_seen_by_the_length(
    portal: Portal, path: Path, time: Time
) -> None:
    content = write(portal)
    cut = http("200 OK", whole_rows(content), content_length=str(len(content)))
    with scripted(cut) as script, pytest.raises(DownloadError, match="broken off"):
        fetch_table(script.url, path, time.options(attempts=2))
    with scripted(cut, http("200 OK", content)) as script:
        assert fetch_table(script.url, path, time.options()).rows == 20
    assert len(script.asked) == 2


def test_rows_may_be_long(portal: Portal, path: Path, time: Time) -> None:
    table = portal.folder / "metadata" / "dnase.tsv"
    write_table(table, [file_row("ENCFF000AAA", None, {"Derived from": "/files/x/, " * 20_000})])
    assert fetch_table(f"{portal.url}metadata/", path, time.options()).rows == 1


def test_a_table_aside_leaves_the_current_one(
    portal: Portal, url: str, path: Path, time: Time, tmp_path: Path
) -> None:
    fetch_table(url, path, time.options(), at(JANUARY))
    before = toy.listing(path.parent)
    content = write(portal, 3000)
    aside = tmp_path / "aside" / "dnase.tsv"
    aside.parent.mkdir()
    aside.write_text("old")
    assert fetch_table_aside(url, aside, time.options()).read_bytes() == content
    assert toy.listing(path.parent) == before
    assert read_rate(aside.parent)  # large enough to say something
    portal.faults.add(Fault("dnase.tsv", "cut"))
    with pytest.raises(MetadataError):
        fetch_table_aside(url, aside, time.options())
    assert set(toy.listing(aside.parent)) == {"rate.json"}


def test_what_a_killed_process_left_is_no_part_of_a_table(url: str, path: Path, time: Time) -> None:
    path.parent.mkdir()
    for name in (".dnase.tsv.new", "..dnase.tsv.new.part", "..dnase.tsv.new.part.json"):
        (path.parent / name).write_text("File accession\told")
    assert fetch_table(url, path, time.options(), at(JANUARY)).rows == 20
    assert [p.name for p in path.parent.glob(".*")] == []


def test_a_table_that_somebody_changed(url: str, path: Path, time: Time) -> None:
    fetch_table(url, path, time.options(), at(JANUARY))
    with path.open("a") as file:
        file.write("more\n")
    known = read_snapshot(path)
    assert known
    assert (known.url, known.rows) == ("file:dnase.tsv", 21)
    assert fetch_table(url, path, time.options(), at(MAY)).time == "2026-05-02T00:00:00Z"


@pytest.mark.parametrize("note", [None, "{", "[]", "{}", json.dumps({"url": 1})])
def test_a_table_without_a_note(note: str | None, tmp_path: Path) -> None:
    assert read_snapshot(tmp_path / "a.tsv") is None
    (tmp_path / "a.tsv").write_text("File accession\tx\n1\t2\n")
    if note is not None:
        (tmp_path / "a.tsv.json").write_text(note)
    known = read_snapshot(tmp_path / "a.tsv")
    assert known
    assert (known.url, known.rows) == ("file:a.tsv", 1)


def test_two_at_once(portal: Portal, url: str, path: Path, time: Time) -> None:
    with alone_in(path.parent), pytest.raises(BusyError):
        fetch_table(url, path, time.options())
    assert (portal.requests, log(portal, "dnase.tsv")) == ([], [])
