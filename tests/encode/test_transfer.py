"""One address at a time: odd answers written out by hand, and the count of bytes shown."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from nucleotides.encode.client import Client
from nucleotides.encode.fetch import fetch
from nucleotides.encode.remote import Remote
from nucleotides.encode.transfer import Part
from nucleotides.errors import DownloadError
from nucleotides.portal.faults import Fault
from nucleotides.portal.server import Portal
from tests.encode.serving import SIZES, A, Script, Time, contents, http, remote, scripted

BODY = bytes(range(200))
MD5 = hashlib.md5(BODY).hexdigest()


def get(script: Script, target: Path, size: int | None = 200, md5: str | None = MD5) -> list[int]:
    """Fetch; every number that the progress was told."""
    told: list[int] = []

    async def run() -> None:
        async with Client(Time().options(attempts=3)) as client:
            await fetch(client, Remote(target.name, (script.url,), size, md5), target, told.append)

    asyncio.run(run())
    return told


def cut(**headers: str) -> bytes:
    """The first 50 bytes of the 200."""
    return http("200 OK", BODY[:50], content_length="200", **headers)


def rest(at: int = 50, total: str = "200", **headers: str) -> bytes:
    span = f"bytes {at}-199/{total}"
    return http("206 Partial Content", BODY[at:], content_range=span, **headers)


@pytest.mark.parametrize("size", [None, 200])
@pytest.mark.parametrize("md5", [None, MD5])
@pytest.mark.parametrize(
    "answers",
    {
        "whole": [http("200 OK", BODY)],
        "no length": [http("200 OK", BODY, content_length="")],
        "pieces": [
            http("200 OK", b"c8\r\n" + BODY + b"\r\n0\r\n\r\n", content_length="")
            .replace(b"connection", b"transfer-encoding: chunked\r\nconnection")
        ],
        "cut pieces": [
            http("200 OK", b"c8\r\n" + BODY[:9], content_length="")
            .replace(b"connection", b"transfer-encoding: chunked\r\nconnection"),
            http("200 OK", BODY),
        ],
        "a length that is no number": [
            http("200 OK", BODY, content_length="many"), http("200 OK", BODY)
        ],
        "nothing at all": [b"", http("200 OK", BODY)],
        "no HTTP": [b"SSH-2.0-OpenSSH\r\n", http("200 OK", BODY)],
        "rest of a weak version": [cut(etag='W/"1"'), rest(), http("200 OK", BODY)],
        "rest of the version": [cut(etag='"1"'), rest(etag='"1"')],
        "rest of another": [cut(etag='"1"'), rest(etag='"2"'), http("200 OK", BODY)],
        "rest of no known length": [cut(etag='"1"'), rest(total="*")],
        "an odd version": [cut(etag='"\xe9"'), http("200 OK", BODY)],
        "another range": [cut(etag='"1"'), rest(at=40), http("200 OK", BODY)],
        "no range": [
            cut(etag='"1"'), http("206 Partial Content", BODY[50:]), http("200 OK", BODY)
        ],
        "range refused": [cut(etag='"1"'), http("416 No"), http("200 OK", BODY)],
        "a redirect to nowhere": [http("302 Found", location="http://"), http("200 OK", BODY)],
    }.items(),
    ids=lambda pair: pair[0],
)  # fmt: skip
def test_odd_answers(
    answers: tuple[str, list[bytes]], size: int | None, md5: str | None, tmp_path: Path
) -> None:
    check_whole(answers[1], size, md5, tmp_path)


@pytest.mark.parametrize(("size", "md5"), [(200, None), (None, MD5), (200, MD5)])
def test_a_range_of_a_longer_file(size: int | None, md5: str | None, tmp_path: Path) -> None:
    """Without size and MD5 nobody could know that it is one."""
    answers = [cut(etag='"1"'), rest(total="300"), http("200 OK", BODY)]
    check_whole(answers, size, md5, tmp_path)


def check_whole(answers: list[bytes], size: int | None, md5: str | None, tmp_path: Path) -> None:
    with scripted(*answers) as script:
        told = get(script, tmp_path / "file", size, md5)
    assert contents(tmp_path) == {"file": BODY}
    assert sum(told) == 200
    shown = [sum(told[: i + 1]) for i in range(len(told))]
    assert min(shown) >= 0
    assert max(shown) <= 200


def test_the_rest_is_asked_for_of_the_same_version_only(tmp_path: Path) -> None:
    for etag, condition in [('"1"', 'if-range: "1"'), ('W/"1"', ""), ("", "")]:
        with scripted(cut(etag=etag), rest()) as script:
            get(script, tmp_path / "file")
        asked = script.asked[1].lower()
        assert "range: bytes=50-" in asked
        assert condition in asked
        assert ("if-range" in asked) == bool(condition)


def test_more_than_the_table_says(tmp_path: Path) -> None:
    endless = http("200 OK", BODY * 1000, content_length="")
    with scripted(endless) as script, pytest.raises(DownloadError) as caught:
        get(script, tmp_path / "file")
    assert str(caught.value).startswith("more than the 200 bytes that the table says (2 times)")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("status", ["204 No Content", "302 Found", "401 Who", "410 Gone"])
def test_a_status_that_brings_no_file(status: str, tmp_path: Path) -> None:
    with scripted(http(status)) as script, pytest.raises(DownloadError) as caught:
        get(script, tmp_path / "file")
    assert str(caught.value) == f"HTTP {status[:3]} from {script.url}"
    assert len(script.asked) == 1
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("there", "right"),
    [(0, True), (1000, True), (1000, False), (SIZES[A], False), (SIZES[A] + 1000, True)],
)
@pytest.mark.parametrize(
    "kinds",
    [
        ("truncate",),
        ("truncate", "ignore_range", "truncate"),
        ("truncate", "too_long"),
        ("truncate", "ignore_range", "too_short"),
        ("truncate", "changed"),
        ("truncate", "wrong_bytes", "500"),
    ],
    ids="-".join,
)
@pytest.mark.parametrize("known", ["size", "md5", "both"])
def test_the_count_stays_between_nothing_and_all(
    known: str, kinds: tuple[str, ...], right: bool, there: int, portal: Portal, tmp_path: Path
) -> None:
    wanted, target = remote(portal, A), tmp_path / A
    content = (portal.folder / "files" / A).read_bytes()
    part = Part.of(target)
    if there:
        filler = content + bytes(1000) if right else bytes(len(content) + 1000)
        part.path.write_bytes(filler[:there])
    for kind in kinds:
        portal.faults.add(Fault(A, kind, 1))
    shown, told = part.size, []

    def arrived(n_bytes: int) -> None:
        nonlocal shown
        shown += n_bytes
        told.append(shown)

    size = None if known == "md5" else wanted.size
    md5 = None if known == "size" else wanted.md5
    options = Time().options()

    async def run() -> None:
        async with Client(options) as client:
            await fetch(client, Remote(A, wanted.urls, size, md5), target, arrived)

    asyncio.run(run())
    assert [one for one in told if not 0 <= one <= len(content)] in ([], [there])
    assert shown == len(content)
    assert set(contents(tmp_path)) == {A}
    if md5:
        assert target.read_bytes() == content
