"""A portal of one's own: its paths, its faults, what it keeps of what it was asked."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.portal.faults import KINDS, Fault, Faults
from nucleotides.portal.server import Portal
from nucleotides.portal.tables import COLUMNS, file_row, write_table

CONTENT = bytes(range(256)) * 1000
NAME = "ENCFF000AAA.bed.gz"
S3 = f"/s3/{NAME}"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / NAME).write_bytes(CONTENT)
    for name in ("dnase", "chip", "cart"):
        write_table(tmp_path / "metadata" / f"{name}.tsv", [file_row(f"ENCFF0{name}", None, {})])
    with Portal(tmp_path) as portal:
        yield portal


class Answer:
    def __init__(self, portal: Portal, path: str, **headers: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=20)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", path, headers=names)
            answer = connection.getresponse()
            self.status, self.headers = answer.status, answer.headers
            try:
                self.body, self.cut = answer.read(), False
            except http.client.IncompleteRead as error:
                self.body, self.cut = error.partial, True
        finally:
            connection.close()


def test_a_download_is_a_redirect_to_the_file(portal: Portal) -> None:
    answer = Answer(portal, f"/files/ENCFF000AAA/@@download/{NAME}")
    assert (answer.status, answer.headers["Location"]) == (307, S3)
    for cloud in ("s3", "azure"):
        answer = Answer(portal, f"/{cloud}/{NAME}")
        assert (answer.status, answer.body) == (200, CONTENT)
        assert answer.headers["ETag"] == f'"{hashlib.md5(CONTENT).hexdigest()}"'
    assert portal.sent(NAME) == 2 * len(CONTENT)
    assert [int(asked.status) for asked in portal.requests] == [307, 200, 200]


def test_what_is_known_of_a_file(portal: Portal) -> None:
    known = json.loads(Answer(portal, "/files/ENCFF000AAA/?format=json").body)
    md5 = hashlib.md5(CONTENT).hexdigest()
    assert known == {"accession": "ENCFF000AAA", "md5sum": md5, "file_size": len(CONTENT)}


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/x", "/files/ENCFF0/@@download/ENCFF0.bed", "/files/ENCFF0/?format=json"),
        *("/s3/x", "/s3/..", "/s3/%2e%2e/x", "/files/A/@@download/..", "/s3/../metadata/dnase.tsv"),
    ],
)
def test_what_is_not_there(path: str, portal: Portal) -> None:
    assert Answer(portal, path).status == 404


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("type=Experiment&assay_title=DNase-seq", "dnase"),
        ("type=Experiment&assay_title=TF+ChIP-seq&assay_title=Histone+ChIP-seq", "chip"),
        ("type=Experiment&cart=/carts/1/", "cart"),
    ],
)
def test_tables(query: str, name: str, portal: Portal) -> None:
    answer = Answer(portal, f"/metadata/?{query}")
    assert answer.body == (portal.folder / "metadata" / f"{name}.tsv").read_bytes()
    assert answer.body.splitlines()[0].decode().split("\t") == list(COLUMNS)
    assert f"ENCFF0{name}".encode() in answer.body
    (portal.folder / "metadata" / f"{name}.tsv").unlink()
    assert Answer(portal, f"/metadata/?{query}").status == 404


@pytest.mark.parametrize(
    ("asked", "status", "first"),
    [
        ("bytes=0-", 206, 0),
        ("bytes=1000-", 206, 1000),
        (f"bytes={len(CONTENT) - 1}-", 206, len(CONTENT) - 1),
        (f"bytes={len(CONTENT)}-", 416, None),
        ("bytes=5-9", 200, 0),  # all is a right answer to a form that is not known
        ("bytes=-5", 200, 0),
        ("lines=5-", 200, 0),
        ("bytes=x-", 200, 0),
    ],
)
def test_ranges(asked: str, status: int, first: int | None, portal: Portal) -> None:
    answer = Answer(portal, S3, Range=asked)
    size = len(CONTENT)
    assert answer.status == status
    assert answer.body == (b"" if first is None else CONTENT[first:])
    spans = {206: f"bytes {first}-{size - 1}/{size}", 416: f"bytes */{size}", 200: None}
    assert answer.headers["Content-Range"] == spans[status]
    assert portal.requests[-1].range == asked


def test_the_rest_of_the_same_version_only(portal: Portal) -> None:
    etag = Answer(portal, S3).headers["ETag"]
    assert Answer(portal, S3, Range="bytes=9-", If_Range=etag).status == 206
    assert Answer(portal, S3, Range="bytes=9-", If_Range='"x"').status == 200


@pytest.mark.parametrize("kind", ["429", "500", "503", "403", "404"])
def test_statuses(kind: str, portal: Portal) -> None:
    path = f"/files/ENCFF000AAA/@@download/{NAME}"
    portal.faults.add(Fault("ENCFF000AAA", kind, 1, "7"))
    answer = Answer(portal, path)
    assert (answer.status, answer.headers["Retry-After"]) == (int(kind), "7")
    assert Answer(portal, path).status == 307


def test_pages_and_loops(portal: Portal) -> None:
    path = f"/files/ENCFF000AAA/@@download/{NAME}"
    portal.faults.add(Fault("*", "page", 1))
    answer = Answer(portal, path)
    assert (answer.status, answer.headers["Content-Type"][:9]) == (200, "text/html")
    portal.faults.add(Fault("*", "redirect_loop"))
    place = Answer(portal, path).headers["Location"]
    assert Answer(portal, place).headers["Location"] == place


@pytest.mark.parametrize(
    ("kind", "n_bytes", "is_cut"),
    [
        ("truncate", len(CONTENT) // 2, True),
        ("too_long", len(CONTENT), True),
        ("too_short", len(CONTENT) - 7, False),
        ("wrong_bytes", len(CONTENT), False),
        ("changed", len(CONTENT), False),
    ],
)
def test_bodies(kind: str, n_bytes: int, is_cut: bool, portal: Portal) -> None:
    portal.faults.add(Fault(NAME, kind, 1))
    answer = Answer(portal, S3)
    assert (answer.status, len(answer.body), answer.cut) == (200, n_bytes, is_cut)
    wrong = kind in ("wrong_bytes", "changed")
    assert (answer.body != CONTENT[:n_bytes]) == wrong
    assert portal.sent(NAME) == n_bytes
    again = Answer(portal, S3)
    assert (again.body, again.headers["ETag"] != answer.headers["ETag"]) == (CONTENT, wrong)


def test_ranges_ignored(portal: Portal) -> None:
    portal.faults.add(Fault(NAME, "ignore_range"))
    assert Answer(portal, S3, Range="bytes=9-").body == CONTENT


def test_a_drip_comes_in_small_pieces(portal: Portal) -> None:
    portal.faults.add(Fault(NAME, "drip", 1, "20000000"))
    pieces: list[int] = []
    portal.watch = lambda: pieces.append(portal.sent(NAME))
    (portal.folder / "files" / NAME).write_bytes(CONTENT * 10)
    assert Answer(portal, S3).body == CONTENT * 10
    assert pieces[:2] == [1_000_000, 2_000_000]


@pytest.mark.parametrize(
    ("kind", "begins", "n_lines"),
    [("one_line", b"File accession\t", 1), ("table_page", b"<!DOCTYPE html>", 2)],
)
def test_tables_go_wrong(kind: str, begins: bytes, n_lines: int, portal: Portal) -> None:
    portal.faults.add(Fault("dnase.tsv", kind, 1))
    answer = Answer(portal, "/metadata/?type=Experiment")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/tsv")
    assert answer.body.startswith(begins)
    assert answer.body.count(b"\n") == n_lines
    portal.faults.add(Fault("dnase.tsv", "cut", 1))
    whole = (portal.folder / "metadata" / "dnase.tsv").read_bytes()
    assert Answer(portal, "/metadata/?type=Experiment").body == whole[: len(whole) // 2]


def test_faults_are_used_up_and_cleared() -> None:
    faults = Faults([Fault("a", "429", 2), Fault("*", "500")])
    assert [faults.meet("a.bed", ["429"]) is not None for _ in range(3)] == [True, True, False]
    assert faults.meet("b", ["429", "403"]) is None
    found = faults.meet("b", ["429", "500"])
    assert found is not None
    assert found.kind == "500"
    faults.clear()
    assert faults.meet("b", KINDS) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("A:429", Fault("A", "429")),
        ("*:503:5:1", Fault("*", "503", 5, "1")),
        ("A.bed.gz:429::Thu, 01 Jan 2026 12:02:00 GMT",
         Fault("A.bed.gz", "429", None, "Thu, 01 Jan 2026 12:02:00 GMT")),
        ("dnase.tsv:cut:1", Fault("dnase.tsv", "cut", 1)),
    ],
)  # fmt: skip
def test_faults_by_word(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


def test_faults_that_are_none() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'truncate'"):
        Fault.parse("A:truncat")
    for text in ("A", "A:", ""):
        with pytest.raises(UnknownNameError):
            Fault.parse(text)
    with pytest.raises(InputError, match="'often' is no number of times"):
        Fault.parse("A:cut:often")


def test_clients_that_go_away_are_no_error(
    portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    for begin in (b"", b"GET /s3/", f"GET {S3} HTTP/1.1\r\n\r\n".encode()):
        with socket.create_connection(("127.0.0.1", portal.port)) as client:
            client.sendall(begin)
            # closed with a reset, as by a process that is killed
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert Answer(portal, S3).body == CONTENT
    assert capsys.readouterr().err == ""


def test_it_ends_with_a_body_on_its_way(portal: Portal) -> None:
    portal.faults.add(Fault(NAME, "stall"))
    client = socket.create_connection(("127.0.0.1", portal.port))
    client.sendall(f"GET {S3} HTTP/1.1\r\n\r\n".encode())
    client.recv(100)
    portal.__exit__(None, None, None)
    with client, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", portal.port))
    portal.__enter__()  # the same port again, for the fixture to end
