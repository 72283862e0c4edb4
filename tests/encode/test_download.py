"""Downloads over real HTTP: whole and right files under their names, or a reason; nothing else."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from nucleotides.encode import download as module
from nucleotides.encode.download import Downloads, download
from nucleotides.encode.remote import Remote
from nucleotides.encode.transfer import Part
from nucleotides.errors import BusyError, OutOfSpaceError
from nucleotides.hold import alone_in
from nucleotides.portal.faults import Fault
from nucleotides.portal.server import Portal
from tests.encode.serving import (
    SIZES,
    A,
    B,
    C,
    Time,
    blind,
    contents,
    http,
    log,
    remote,
    remotes,
    scripted,
    write_files,
)


def whole(portal: Portal) -> dict[str, bytes]:
    return contents(portal.folder / "files")


def cut(portal: Portal, folder: Path, name: str, size: int) -> Part:
    """A part that an earlier run left."""
    folder.mkdir(exist_ok=True)
    part = Part.of(folder / name)
    part.path.write_bytes((portal.folder / "files" / name).read_bytes()[:size])
    return part


def failed(found: Downloads, portal: Portal, folder: Path, name: str) -> str:
    """The reason of the only file that failed; all others are there, and nothing is left over."""
    assert list(found.failed) == [name]
    others = {key: value for key, value in whole(portal).items() if key != name}
    assert contents(folder) == others
    return found.failed[name]


# Everything well


def test_files_come_under_their_names(portal: Portal, out: Path, time: Time) -> None:
    found = download(remotes(portal), out, time.options())
    assert contents(out) == whole(portal)
    assert found.done == {name: out / name for name in SIZES}
    assert sorted(found.fetched) == sorted(SIZES)
    assert (found.failed, found.n_bytes) == ({}, sum(SIZES.values()))
    assert time.slept == [] or max(time.slept) < 1e-6


def test_what_is_there_is_not_asked_for(portal: Portal, out: Path, time: Time) -> None:
    download(remotes(portal), out, time.options())
    portal.requests.clear()
    again = download(remotes(portal), out, time.options())
    assert (portal.requests, again.fetched, sorted(again.done)) == ([], [], sorted(SIZES))


def test_a_file_that_is_wanted_twice_comes_once(portal: Portal, out: Path, time: Time) -> None:
    found = download([remote(portal, A)] * 4, out, time.options())
    assert (list(found.done), log(portal, A)) == ([A], [(None, 200, SIZES[A])])
    assert contents(out) == {A: whole(portal)[A]}


def test_an_empty_file(portal: Portal, out: Path, time: Time) -> None:
    write_files(portal.folder, {"ENCFF000DDD.bed.gz": 0})
    empty = remote(portal, "ENCFF000DDD.bed.gz")
    assert empty.size == 0
    assert download([empty], out, time.options()).failed == {}
    assert contents(out) == {empty.name: b""}


def test_requests_keep_to_the_rate(portal: Portal, out: Path, time: Time) -> None:
    download(remotes(portal), out, time.options(requests_per_second=10.0, n_workers=1))
    assert len(portal.requests) == 6  # a redirect each, to the same host
    assert time.now - 1000.0 == pytest.approx(0.5)


def test_the_host_of_a_redirect_has_a_rate_of_its_own(
    portal: Portal, out: Path, time: Time
) -> None:
    with scripted(http("307 Elsewhere", location=f"{portal.url}s3/{B}")) as script:
        wanted = [replace(remote(portal, B), urls=(script.url,), name=f"{i}") for i in range(5)]
        options = time.options(requests_per_second=10.0, n_workers=1)
        assert download(wanted, out, options).failed == {}
    assert time.now - 1000.0 == pytest.approx(0.4)


# No answer, or one that says no


def test_a_refused_connection(portal: Portal, out: Path, time: Time) -> None:
    with scripted(b"") as script:
        closed = script.url  # from now on
    wanted = remotes(portal)
    wanted[0] = replace(wanted[0], urls=(closed,))
    found = download(wanted, out, time.options(attempts=3, back_off=1.0))
    reason = failed(found, portal, out, A)
    assert reason.startswith("no connection (")
    assert reason.endswith(f" (3 times) from {closed}")
    assert [wait for wait in time.slept if wait > 0.5] == [1.0, 2.0]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_429_holds_all_requests_back(form: str, portal: Portal, out: Path, time: Time) -> None:
    later = datetime.now(UTC) + timedelta(seconds=100)
    value = "100" if form == "seconds" else format_datetime(later, usegmt=True)
    portal.faults.add(Fault("*", "429", 1, value))
    found = download(remotes(portal), out, time.options(n_workers=1))
    assert found.failed == {}
    assert contents(out) == whole(portal)
    assert [wait for wait in time.slept if wait > 1] == [pytest.approx(100, abs=20)]
    assert portal.requests[0].status == 429


def test_429_of_the_host_of_a_redirect_holds_that_one_back(
    portal: Portal, out: Path, time: Time
) -> None:
    portal.faults.add(Fault(B, "429", 1, "100"))
    with scripted(http("307 Elsewhere", location=remote(portal, B).urls[0])) as script:
        found = download([replace(remote(portal, B), urls=(script.url,))], out, time.options())
        assert (found.failed, len(script.asked)) == ({}, 2)
    assert [wait for wait in time.slept if wait > 1] == [pytest.approx(100)]


def test_429_that_asks_for_hours(portal: Portal, mirror: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault("*", "429", None, "7200"))
    found = download(remotes(portal), out, time.options(n_workers=1))
    url = remote(portal, A).urls[0]
    assert found.failed[A] == f"HTTP 429, asks to wait 7,200 s from {url}"
    assert sorted(found.failed) == sorted(SIZES)
    assert len(portal.requests) == 1  # the others do not even ask
    assert (contents(out), [wait for wait in time.slept if wait > 1]) == ({}, [])
    assert download(remotes(portal, mirror), out, time.options()).failed == {}


@pytest.mark.parametrize("status", ["500", "503"])
def test_a_storm_that_passes(status: str, portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, status, 5))
    found = download(remotes(portal), out, time.options(attempts=6, back_off=1.0))
    assert (found.failed, contents(out)) == ({}, whole(portal))
    assert [wait for wait in time.slept if wait > 0.5] == [1.0, 2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize("status", ["500", "503"])
def test_a_storm_that_does_not_pass(status: str, portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, status))
    reason = failed(download(remotes(portal), out, time.options(attempts=4)), portal, out, A)
    assert reason == f"HTTP {status} (4 times) from {remote(portal, A).urls[0]}"
    assert sum(asked.status == int(status) for asked in portal.requests) == 4


def test_503_may_ask_for_a_wait(portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, "503", 1, "30"))
    assert download([remote(portal, A)], out, time.options()).failed == {}
    assert [wait for wait in time.slept if wait > 1] == [30.0]


@pytest.mark.parametrize("status", ["403", "404"])
def test_no_is_no_and_the_mirror_is_asked(
    status: str, portal: Portal, mirror: Portal, out: Path, time: Time
) -> None:
    portal.faults.add(Fault(A, status))
    reason = failed(download(remotes(portal), out, time.options()), portal, out, A)
    assert reason == f"HTTP {status} from {remote(portal, A).urls[0]}"
    assert [asked.status for asked in portal.requests].count(int(status)) == 1
    assert download(remotes(portal, mirror), out, time.options()).failed == {}
    assert contents(out) == whole(portal)


def test_a_redirect_loop(portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, "redirect_loop"))
    reason = failed(download(remotes(portal), out, time.options()), portal, out, A)
    assert reason == f"more than 10 redirects from {remote(portal, A).urls[0]}"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://127.0.0.1/x", "ftp://"),
        ("http://[::1/x", "Invalid"),
        ("file.bed", "missing an 'http://' or 'https://'"),
    ],
)
def test_an_address_that_is_none(
    url: str, message: str, portal: Portal, out: Path, time: Time
) -> None:
    wanted = remotes(portal)
    wanted[0] = replace(wanted[0], urls=(url,))
    assert message in failed(download(wanted, out, time.options()), portal, out, A)


def test_no_address(portal: Portal, out: Path, time: Time) -> None:
    wanted = remotes(portal)
    wanted[0] = replace(wanted[0], urls=())
    assert failed(download(wanted, out, time.options()), portal, out, A) == "no address is known"


# An answer with wrong bytes


def test_a_truncated_body_is_gone_on_with(portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, "truncate", 2))
    found = download(remotes(portal), out, time.options())
    assert (found.failed, contents(out)) == ({}, whole(portal))
    half, rest = SIZES[A] // 2, SIZES[A] - SIZES[A] // 2
    assert log(portal, A) == [
        (None, 200, half),
        (f"bytes={half}-", 206, rest // 2),
        (f"bytes={half + rest // 2}-", 206, rest - rest // 2),
    ]
    assert found.n_bytes == sum(SIZES.values())


@pytest.mark.parametrize("md5", [False, True])
def test_a_truncated_body_of_unknown_size(md5: bool, portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, "truncate", 1))
    found = download([blind(remote(portal, A), size=False, md5=md5)], out, time.options())
    assert (found.failed, contents(out)) == ({}, {A: whole(portal)[A]})
    assert portal.sent(A) == SIZES[A]


def test_a_body_that_never_comes_further(portal: Portal, out: Path, time: Time) -> None:
    short = http("200 OK", b"x" * 100, content_length=str(SIZES[A]))
    with scripted(short) as script:
        wanted = [replace(remote(portal, A), urls=(script.url,))]
        found = download(wanted, out, time.options(attempts=3))
    assert "(3 times)" in found.failed[A]
    assert len(script.asked) == 3


def test_wrong_bytes_once(portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, "wrong_bytes", 1))
    assert download(remotes(portal), out, time.options()).failed == {}
    assert contents(out) == whole(portal)
    assert portal.sent(A) == 2 * SIZES[A]


def test_wrong_bytes_always(portal: Portal, mirror: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, "wrong_bytes"))
    content = whole(portal)[A]
    wrong = hashlib.md5(content[:-1] + bytes([content[-1] ^ 1])).hexdigest()
    right = hashlib.md5(content).hexdigest()
    reason = failed(download(remotes(portal), out, time.options()), portal, out, A)
    url = remote(portal, A).urls[0]
    assert reason == f"its MD5 is {wrong}, not {right} (2 times) from {url}"
    assert len(log(portal, A)) == 2
    assert download(remotes(portal, mirror), out, time.options()).failed == {}
    assert contents(out) == whole(portal)
    assert log(mirror, A) == [(None, 200, SIZES[A])]


@pytest.mark.parametrize(
    ("kind", "length"), [("too_long", SIZES[A] + 7), ("too_short", SIZES[A] - 7)]
)
def test_a_wrong_content_length(
    kind: str, length: int, portal: Portal, mirror: Portal, out: Path, time: Time
) -> None:
    portal.faults.add(Fault(A, kind, 1))
    assert download(remotes(portal), out / "once", time.options()).failed == {}
    portal.faults.add(Fault(A, kind))
    found = download(remotes(portal), out, time.options(attempts=2))
    reason = failed(found, portal, out, A)
    said = f"announces {length:,} bytes where the table says {SIZES[A]:,} (2 times)"
    assert reason.startswith(said)
    found = download(remotes(portal, mirror), out, time.options(attempts=2))
    assert (found.failed, contents(out)) == ({}, whole(portal))


def test_a_stalled_body_is_gone_on_with(portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, "stall", 1))
    found = download([remote(portal, A)], out, time.options(timeout=0.3))
    assert (found.failed, contents(out)) == ({}, {A: whole(portal)[A]})
    half = SIZES[A] // 2
    asked, status, sent = next(one for one in log(portal, A) if one[0])
    assert (asked, status, sent) == (f"bytes={half}-", 206, SIZES[A] - half)


def test_a_server_that_never_answers(portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(B, "stall"))
    write_files(portal.folder, {B: 1})  # half of it is nothing
    found = download([remote(portal, B)], out, time.options(timeout=0.2, attempts=2))
    assert found.failed[B].startswith("no byte in 0.2 s (2 times) from http://")


@pytest.mark.parametrize("by", ["content type", "first bytes"])
def test_a_page_in_place_of_a_file(
    by: str, portal: Portal, mirror: Portal, out: Path, time: Time
) -> None:
    page = b"\n <!DOCTYPE html><html>Down for maintenance</html>"
    if by == "content type":
        portal.faults.add(Fault(A, "page"))
    else:
        (portal.folder / "files" / A).write_bytes(page)
    right = [replace(r, size=None) for r in remotes(mirror, portal)]
    right = [replace(r, urls=r.urls[::-1]) for r in right]
    first = [replace(r, urls=r.urls[:1]) for r in right]
    found = download(first, out, time.options())
    reason = failed(found, mirror, out, A)
    assert reason == f"a web page in place of the file from {first[0].urls[0]}"
    assert portal.sent(A) < 200
    assert download(right, out, time.options()).failed == {}
    assert contents(out) == whole(mirror)


def test_a_page_does_not_cost_the_part_that_is_there(portal: Portal, out: Path, time: Time) -> None:
    cut(portal, out, A, 1000)
    with scripted(http("200 OK", b"<html>" + b" " * 500)) as script:
        found = download(
            [replace(remote(portal, A), size=None, urls=(script.url,))], out, time.options()
        )
    assert found.failed[A].startswith("a web page")
    assert Part.of(out / A).size == 1000


def test_a_server_that_knows_no_ranges(portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, "truncate", 1))
    portal.faults.add(Fault(A, "ignore_range"))
    found = download(remotes(portal), out, time.options())
    assert (found.failed, contents(out)) == ({}, whole(portal))
    half = SIZES[A] // 2
    assert log(portal, A) == [(None, 200, half), (f"bytes={half}-", 200, SIZES[A])]


def test_a_file_that_changes_between_two_requests(portal: Portal, out: Path, time: Time) -> None:
    portal.faults.add(Fault(A, "truncate", 1))
    portal.faults.add(Fault(A, "changed", 1))
    found = download(remotes(portal), out, time.options())
    assert (found.failed, contents(out)) == ({}, whole(portal))
    half = SIZES[A] // 2  # the ETag is another: all of the other file, then all of the right one
    assert log(portal, A) == [
        (None, 200, half),
        (f"bytes={half}-", 200, SIZES[A]),
        (None, 200, SIZES[A]),
    ]


def test_a_mixture_of_two_versions_is_caught(portal: Portal, out: Path, time: Time) -> None:
    content = whole(portal)[A]
    cut(portal, out, A, 5).path.write_bytes(b"other")  # without a note of its version
    found = download([remote(portal, A)], out, time.options())
    assert (found.failed, contents(out)) == ({}, {A: content})
    assert log(portal, A) == [("bytes=5-", 206, SIZES[A] - 5), (None, 200, SIZES[A])]


# What is there already


@pytest.mark.parametrize("size", [False, True])
def test_a_part_is_gone_on_with(size: bool, portal: Portal, out: Path, time: Time) -> None:
    cut(portal, out, A, 123_456)
    found = download([blind(remote(portal, A), size=size)], out, time.options())
    assert (found.failed, contents(out)) == ({}, {A: whole(portal)[A]})
    assert log(portal, A) == [("bytes=123456-", 206, SIZES[A] - 123_456)]
    assert found.n_bytes == SIZES[A] - 123_456


@pytest.mark.parametrize("size", [False, True])
def test_a_part_that_is_whole_is_not_asked_for(
    size: bool, portal: Portal, out: Path, time: Time
) -> None:
    cut(portal, out, A, SIZES[A])
    found = download([blind(remote(portal, A), size=size)], out, time.options())
    assert (found.failed, contents(out)) == ({}, {A: whole(portal)[A]})
    assert (portal.sent(A), found.n_bytes) == (0, 0)


@pytest.mark.parametrize("more", [0, 1])
def test_a_part_as_long_or_longer_but_wrong(
    more: int, portal: Portal, out: Path, time: Time
) -> None:
    cut(portal, out, A, 0).path.write_bytes(b"z" * (SIZES[A] + more))
    portal.faults.add(Fault(A, "wrong_bytes", 1))  # and the part does not count as a try
    found = download([remote(portal, A)], out, time.options())
    assert (found.failed, contents(out)) == ({}, {A: whole(portal)[A]})
    assert log(portal, A) == [(None, 200, SIZES[A])] * 2


def test_a_part_of_nobody_knows_what_does_not_count(portal: Portal, out: Path, time: Time) -> None:
    cut(portal, out, A, 5).path.write_bytes(b"other")
    found = download([blind(remote(portal, A), md5=False)], out, time.options())
    assert (found.failed, contents(out)) == ({}, {A: whole(portal)[A]})
    assert log(portal, A) == [(None, 200, SIZES[A])]


def test_a_part_of_the_same_version_counts_without_a_checksum(
    portal: Portal, out: Path, time: Time
) -> None:
    wanted = blind(remote(portal, A), md5=False, size=False)
    part = Part.of(out / A)
    out.mkdir()
    for etag, asked in [('"other"', 200), (f'"{remote(portal, A).md5}"', 206)]:
        part.begin(wanted.urls[0], etag)
        part.path.write_bytes(whole(portal)[A][:1000])
        assert download([wanted], out, time.options()).failed == {}
        assert contents(out) == {A: whole(portal)[A]}
        assert log(portal, A)[-1][:2] == ("bytes=1000-", asked)
        (out / A).unlink()


@pytest.mark.parametrize("note", ["{", "[]", '{"url": 3, "etag": 4}', "\xff"])
def test_a_damaged_note_of_a_part(note: str, portal: Portal, out: Path, time: Time) -> None:
    part = cut(portal, out, A, 1000)
    part.path.with_name(f"{part.path.name}.json").write_text(note, encoding="latin-1")
    assert download([remote(portal, A)], out, time.options()).failed == {}
    assert contents(out) == {A: whole(portal)[A]}


def test_leftovers_of_a_file_that_is_there_go(portal: Portal, out: Path, time: Time) -> None:
    part = cut(portal, out, B, 3)
    part.begin("http://x", None)
    part.path.write_bytes(b"abc")
    shutil.copyfile(portal.folder / "files" / B, out / B)
    download([remote(portal, B)], out, time.options())
    assert contents(out) == {B: whole(portal)[B]}
    assert portal.requests == []


def test_a_file_of_another_md5_stays_until_the_new_one_is_right(
    portal: Portal, out: Path, time: Time
) -> None:
    download(remotes(portal), out, time.options())
    old = whole(portal)
    write_files(portal.folder, seed=1)  # of the same sizes
    portal.faults.add(Fault(A, "wrong_bytes"))
    found = download(remotes(portal), out, time.options())
    assert list(found.failed) == [A]
    assert contents(out) == whole(portal) | {A: old[A]}
    portal.faults.clear()
    seen = []
    portal.watch = lambda: seen.append((out / A).read_bytes() == old[A])
    assert download(remotes(portal), out, time.options()).fetched == [A]
    assert contents(out) == whole(portal)
    assert seen[:5] == [True] * 5  # the redirect and all pieces but the last


def test_files_that_the_user_put_there(portal: Portal, out: Path, time: Time) -> None:
    shutil.copytree(portal.folder / "files", out)
    (out / "mine.bed").write_text("chr1\t1\t2\n")
    (out / B).write_bytes(b"z" * SIZES[B])
    found = download(remotes(portal), out, time.options())
    assert (found.fetched, sorted(found.done)) == ([B], sorted(SIZES))
    assert contents(out) == whole(portal) | {"mine.bed": b"chr1\t1\t2\n"}


def test_without_a_checksum_the_size_counts(portal: Portal, out: Path, time: Time) -> None:
    out.mkdir()
    (out / A).write_bytes(b"z" * SIZES[A])
    (out / B).write_bytes(b"z")
    wanted = [blind(r, md5=False) for r in remotes(portal)]
    assert sorted(download(wanted, out, time.options()).fetched) == [B, C]
    assert contents(out)[A][:1] == b"z"


def test_one_bad_file_does_not_stop_the_rest(portal: Portal, out: Path, time: Time) -> None:
    write_files(portal.folder, {f"ENCFF1{i:02d}AAA.bed.gz": 500 for i in range(40)})
    wanted = remotes(portal)
    portal.faults.add(Fault(wanted[7].name, "500"))
    found = download(wanted, out, time.options())
    failed(found, portal, out, wanted[7].name)
    assert (len(found.done), len(found.fetched)) == (42, 42)


# The disk, and others on it


def test_no_room_is_seen_before_the_first_request(
    portal: Portal, out: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    cut(portal, out, A, 100_000)
    cut(portal, out, C, 0).path.write_bytes(bytes(10 * SIZES[C]))  # no reason to need less
    need = sum(SIZES.values()) - 100_000 - SIZES[C] + module._SPARE
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, need - 1))
    with pytest.raises(OutOfSpaceError, match=r"0\.00 GB are to be fetched to .*0\.05 GB are left"):
        download(remotes(portal), out, time.options())
    assert portal.requests == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, need))
    assert download(remotes(portal), out, time.options()).failed == {}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None:
        pytest.skip("needs a small file system, and there is no program mount")
    tried = subprocess.run(command, capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"needs leave to mount a tmpfs of 1 MB (CAP_SYS_ADMIN): {tried.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_on_the_way(portal: Portal, small_disk: Path, time: Time) -> None:
    write_files(portal.folder, {A: 400_000, B: 400_000, C: 400_000})
    wanted = [blind(r, size=False) for r in remotes(portal)]
    with pytest.raises(OutOfSpaceError, match="the disk is full"):
        download(wanted, small_disk, time.options())
    subprocess.run(["mount", "-o", "remount,size=2m", str(small_disk)], check=True)
    before = sum(path.stat().st_size for path in small_disk.glob("[.E]*.gz*"))
    portal.requests.clear()
    assert download(wanted, small_disk, time.options()).failed == {}
    assert contents(small_disk) == whole(portal)
    sent = sum(portal.sent(name) for name in (A, B, C))
    assert before > 500_000
    assert sent <= 1_200_000 - before + 4096


def test_an_error_of_writing_that_says_the_disk_is_full(
    portal: Portal, out: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    download([remote(portal, B)], out, time.options())
    monkeypatch.setattr(Part, "begin", full)
    with pytest.raises(OutOfSpaceError, match="the disk is full"):
        download(remotes(portal), out, time.options())
    monkeypatch.undo()
    assert contents(out) == {B: whole(portal)[B]}
    monkeypatch.setattr("nucleotides.encode.ledger.Ledger.note", full)
    with pytest.raises(OutOfSpaceError, match="the disk is full"):
        download(remotes(portal), out, time.options())


def test_two_at_once(portal: Portal, out: Path, time: Time) -> None:
    with alone_in(out), pytest.raises(BusyError, match="another process is writing to"):
        download(remotes(portal), out, time.options())
    assert (portal.requests, contents(out)) == ([], {})
    assert download(remotes(portal), out, time.options()).failed == {}


def test_a_folder_that_cannot_be_made(portal: Portal, out: Path, time: Time) -> None:
    out.write_text("a file")
    with pytest.raises(OSError, match=r"exists|directory"):
        download(remotes(portal), out / "bed", time.options())
    assert portal.requests == []


def test_a_folder_that_cannot_be_written_to(portal: Portal, small_disk: Path, time: Time) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(OSError, match="Read-only") as caught:
        download([blind(remote(portal, A), size=False)], small_disk, time.options())
    assert caught.value.errno == errno.EROFS
    assert caught.value.filename  # the command line names it


def test_a_torn_ledger(portal: Portal, out: Path, time: Time) -> None:
    download(remotes(portal), out, time.options())
    ledger = out / "downloads.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-9] + b"\xff\x00")
    portal.requests.clear()
    assert download(remotes(portal), out, time.options()).fetched == []
    assert portal.requests == []
    assert json.loads(ledger.read_text(errors="replace").splitlines()[-1])["md5"]


def test_ipv6(portal: Portal, out: Path, time: Time) -> None:
    import socket
    import socketserver

    from tests.encode.serving import serving

    body = whole(portal)[B]

    class Server(socketserver.ThreadingTCPServer):
        address_family = socket.AF_INET6
        daemon_threads = True

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(http("200 OK", body))
            self.connection.shutdown(socket.SHUT_WR)
            self.rfile.read()

    try:
        server = Server(("::1", 0), Handler)
    except OSError as error:
        pytest.skip(f"no IPv6 on loopback: {error}")
    with serving(server) as port:
        wanted = Remote(B, (f"http://[::1]:{port}/x",), SIZES[B], hashlib.md5(body).hexdigest())
        assert download([wanted], out, time.options()).failed == {}
    assert contents(out) == {B: body}
