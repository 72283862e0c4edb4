"""Portals on loopback with a few files, answers written out by hand, and time that is made up."""

from __future__ import annotations

import asyncio
import hashlib
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from nucleotides.encode.options import Options
from nucleotides.encode.remote import Remote
from nucleotides.portal.server import Portal

SIZES = {"ENCFF000AAA.bed.gz": 300_000, "ENCFF000BBB.bed.gz": 1_234, "ENCFF000CCC.bed.gz": 70_000}
A, B, C = SIZES


def write_files(folder: Path, sizes: dict[str, int] | None = None, seed: int = 0) -> Path:
    """Random bytes below `folder`/files."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    for number, (name, size) in enumerate((sizes or SIZES).items()):
        content = np.random.default_rng([seed, number]).bytes(size)
        (folder / "files" / name).write_bytes(content)
    return folder


def remote(portal: Portal, name: str, *mirrors: Portal) -> Remote:
    """A file of a portal, with all that a metadata table says of it."""
    content = (portal.folder / "files" / name).read_bytes()
    urls = [f"files/{name.partition('.')[0]}/@@download/{name}"]
    return Remote(
        name,
        tuple(f"{one.url}{url}" for one in (portal, *mirrors) for url in urls),
        len(content),
        hashlib.md5(content).hexdigest(),
    )


def remotes(portal: Portal, *mirrors: Portal) -> list[Remote]:
    """All its files."""
    names = sorted(path.name for path in (portal.folder / "files").iterdir())
    return [remote(portal, name, *mirrors) for name in names]


def blind(known: Remote, *, size: bool = True, md5: bool = True) -> Remote:
    """The same with less known of it."""
    return replace(known, size=known.size if size else None, md5=known.md5 if md5 else None)


def contents(folder: Path) -> dict[str, bytes]:
    """What is in a folder, hidden files too; without the ledger."""
    paths = sorted(folder.iterdir())
    return {p.name: p.read_bytes() for p in paths if p.name != "downloads.jsonl" and p.is_file()}


def log(portal: Portal, name: str) -> list[tuple[str | None, int, int]]:
    """(Range, status, bytes sent) of the requests for a file's bytes, without the redirects."""
    return [
        (asked.range, int(asked.status), asked.sent)
        for asked in portal.requests
        if asked.path == f"/s3/{name}"
    ]


@dataclass
class Time:
    """A clock that only goes on by sleeping, and what was slept."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)

    def options(self, **changes: Any) -> Options:
        """No wait of one's own; a request a microsecond."""
        known = Options(
            requests_per_second=1e9,
            timeout=10.0,
            back_off=0.0,
            sleep=self.sleep,
            clock=self.clock,
            chance=lambda: 1.0,
        )
        return replace(known, **changes)


class Script:
    """A server that sends answers written out by hand, one a connection, the last for ever."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.asked = list(answers), list[str]()
        self.url = ""

    def answer(self) -> bytes:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def scripted(*answers: bytes) -> Iterator[Script]:
    script = Script(*answers)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            lines = []
            while (line := self.rfile.readline().strip()) != b"":
                lines.append(line.decode())
            script.asked.append("\n".join(lines))
            self.wfile.write(script.answer())

    with serving(_Server(("127.0.0.1", 0), Handler)) as port:
        script.url = f"http://127.0.0.1:{port}/file"
        yield script


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """A server in a thread; its port."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]  # type: ignore[misc]
        finally:
            server.shutdown()
            thread.join()


def http(status: str, body: bytes = b"", **headers: str) -> bytes:
    """An answer; `content_length` is the body's unless it is given, and left out if empty."""
    headers = {"content_length": str(len(body)), "connection": "close"} | headers
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def counting(portal: Portal, at: int, act: Callable[[], None]) -> None:
    """Have something done after the portal's so-manieth piece from now."""
    guard, seen = threading.Lock(), 0

    def watch() -> None:
        nonlocal seen
        with guard:
            seen += 1
            due = seen == at
        if due:
            act()

    portal.watch = watch
