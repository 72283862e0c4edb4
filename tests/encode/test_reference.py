"""A single large file: checked by what is published of it, resumed, noted."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from nucleotides.encode.reference import fetch_reference
from nucleotides.encode.transfer import Part
from nucleotides.errors import BusyError, DownloadError
from nucleotides.hold import alone_in
from nucleotides.portal.faults import Fault
from nucleotides.portal.server import Portal
from tests import toy
from tests.encode.serving import SIZES, A, Time, counting, http, log, scripted


@pytest.fixture
def url(portal: Portal) -> str:
    return f"{portal.url}files/ENCFF000AAA/@@download/{A}"


@pytest.fixture
def content(portal: Portal) -> bytes:
    return (portal.folder / "files" / A).read_bytes()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


@pytest.mark.parametrize("known", [False, True], ids=["asked for", "known"])
def test_checked_by_the_md5(
    known: bool, portal: Portal, url: str, content: bytes, out: Path, time: Time
) -> None:
    portal.faults.add(Fault(A, "wrong_bytes", 1))
    found = fetch_reference(url, out / "x.fa", md5(content) if known else None, time.options())
    assert (found.url, found.size, found.md5, found.checked) == (url, SIZES[A], md5(content), True)
    assert (out / "x.fa").read_bytes() == content
    note = json.loads((out / "x.fa.json").read_text())
    assert note == {"url": url, "size": SIZES[A], "md5": md5(content)}
    assert set(toy.listing(out)) == {"x.fa", "x.fa.json"}
    asked = [one.path for one in portal.requests if "format=json" in one.path]
    assert asked == ([] if known else ["/files/ENCFF000AAA/?format=json"])


def test_a_wrong_md5_is_no_file(url: str, content: bytes, out: Path, time: Time) -> None:
    with pytest.raises(DownloadError, match=f"its MD5 is {md5(content)}, not 0000"):
        fetch_reference(url, out / "x.fa", "0000", time.options())
    assert toy.listing(out) == {}


@pytest.mark.parametrize(
    ("answers", "checked"),
    {
        "storm": ([http("503 Busy"), http("500 Oh"), b"", "right"], True),
        "storm that does not pass": ([http("503 Busy")], False),
        "denied": ([http("403 No")], False),
        "no JSON": ([http("200 OK", b"<html>")], False),
        "a list": ([http("200 OK", b"[]")], False),
        "no bytes of text": ([http("200 OK", b"\xff\xff")], False),
        "nothing of use": ([http("200 OK", b'{"md5sum": 3, "file_size": "x"}')], False),
        "too long": ([http("200 OK", b" " * (1 << 23))], False),
        "hours": ([http("429 Slower", retry_after="7200")], False),
    }.values(),
)
def test_what_the_portal_says_of_it(
    answers: list[bytes | str], checked: bool, content: bytes, out: Path, time: Time
) -> None:
    about = json.dumps({"md5sum": md5(content), "file_size": len(content)}).encode()
    told = [http("200 OK", about) if one == "right" else one for one in answers]
    with scripted(*told) as script, scripted(http("200 OK", content)) as other:  # type: ignore[arg-type]
        address = f"{script.url}/@@download/x.fa"
        real = script.answer

        def answer() -> bytes:
            last = script.asked[-1].partition("\n")[0]
            moved = http("302 Found", location=other.url)
            return moved if "@@download" in last else real()

        script.answer = answer  # type: ignore[method-assign]
        if "7200" in str(answers):  # the host is left alone, as it asks
            with pytest.raises(DownloadError, match="asks to wait 7,200 s"):
                fetch_reference(address, out / "x.fa", None, time.options())
            return
        found = fetch_reference(address, out / "x.fa", None, time.options())
    assert (found.checked, found.md5) == (checked, md5(content) if checked else None)
    assert (out / "x.fa").read_bytes() == content


def test_a_part_is_gone_on_with(
    portal: Portal,
    url: str,
    content: bytes,
    out: Path,
    time: Time,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out.mkdir()
    Part.of(out / "x.fa").path.write_bytes(content[:100_000])
    fetch_reference(url, out / "x.fa", None, time.options())
    assert log(portal, A) == [("bytes=100000-", 206, 200_000)]
    assert "x.fa: 1 file, 300.0 kB, " in capsys.readouterr().err


def test_a_part_is_kept_if_it_fails(
    portal: Portal, url: str, content: bytes, out: Path, time: Time
) -> None:
    portal.faults.add(Fault(A, "truncate", 1))
    counting(portal, 2, lambda: portal.faults.add(Fault(A, "403")))  # in the body
    with pytest.raises(DownloadError, match="HTTP 403"):
        fetch_reference(url, out / "x.fa", md5(content), time.options())
    kept = Part.of(out / "x.fa").size
    assert kept == 150_000
    portal.watch = lambda: None
    portal.faults.clear()
    fetch_reference(url, out / "x.fa", md5(content), time.options())
    assert (out / "x.fa").read_bytes() == content
    assert log(portal, A)[-1] == ("bytes=150000-", 206, 150_000)


def test_two_at_once(portal: Portal, url: str, out: Path, time: Time) -> None:
    with alone_in(out), pytest.raises(BusyError):
        fetch_reference(url, out / "x.fa", None, time.options())
    assert portal.requests == []
