"""The server: a folder with `metadata/*.tsv` and `files/*`, at the portal's paths."""

from __future__ import annotations

import hashlib
import json
import re
import select
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from nucleotides.portal.faults import AT_REDIRECT, IN_BODY, OF_TABLE, Fault, Faults

_CHUNK = 1 << 16
_PAGE = b"<!DOCTYPE html>\n<html><body>We are down for maintenance.</body></html>\n"
_STALL = 300.0
_RANGE = re.compile(r"bytes=(\d+)-")


@dataclass(slots=True)
class Asked:
    """A request, and how it was answered; `sent` grows as the body goes out."""

    path: str
    range: str | None
    status: int
    sent: int


@dataclass
class Portal:
    """A portal on loopback. `with Portal(folder) as portal: ...portal.url...`

    Attributes:
        folder: with `metadata/dnase.tsv`, `metadata/chip.tsv` and `files/`.
        port: 0 for any that is free.
        faults: what it does wrong.
        requests: what it was asked, in the order in which answers began.
        watch: called after each piece of an answer; a test may end a client there.
    """

    folder: Path
    port: int = 0
    faults: Faults = field(default_factory=Faults)
    requests: list[Asked] = field(default_factory=list)
    watch: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        self.stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"portal": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}/"

    def sent(self, name: str) -> int:
        """Bytes of a file that were given out, over all requests."""
        return sum(asked.sent for asked in self.requests if asked.path.endswith(f"/{name}"))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away between two requests is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets; the second would wait
    portal: Portal

    def log_message(self, *_: Any) -> None:
        """Requests are kept, not printed."""

    def do_GET(self) -> None:
        """Answer; a client that goes away is no error."""
        try:
            self._answer()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        steps = [step for step in parts.path.split("/") if step]
        if steps[:1] == ["metadata"]:
            self._table(parse_qs(parts.query))
        elif steps[:1] == ["loop"]:
            self._redirect(self.path)
        elif steps[:1] == ["files"] and "@@download" in steps:
            self._download(steps[-1])
        elif steps[:1] == ["files"] and len(steps) == 2:
            self._about(steps[1])
        elif len(steps) == 2 and steps[0] in ("s3", "azure"):
            self._file(steps[1])
        else:
            self._send(HTTPStatus.NOT_FOUND, b"no such path\n")

    def _table(self, query: dict[str, list[str]]) -> None:
        assays = query.get("assay_title", [])
        name = "cart" if "cart" in query else "chip" if "TF ChIP-seq" in assays else "dnase"
        path = self.portal.folder / "metadata" / f"{name}.tsv"
        if not path.exists():
            self._send(HTTPStatus.NOT_FOUND, b"no such table\n")
            return
        fault = self.portal.faults.meet(path.name, (*OF_TABLE, *AT_REDIRECT, "truncate", "stall"))
        content = path.read_bytes()
        if fault and fault.kind in AT_REDIRECT:
            self._refuse(fault)
        elif fault and fault.kind == "table_page":
            self._send(HTTPStatus.OK, _PAGE, {"Content-Type": "text/tsv"})
        else:
            if fault and fault.kind == "one_line":
                content = content[: content.index(b"\n") + 1]
            elif fault and fault.kind == "cut":
                content = content[: len(content) // 2]
            self._body(content, fault, {"Content-Type": "text/tsv"})

    def _download(self, name: str) -> None:
        if not (self.portal.folder / "files" / name).is_file():
            self._send(HTTPStatus.NOT_FOUND, b"no such file\n")
            return
        fault = self.portal.faults.meet(name, AT_REDIRECT)
        if fault is None:
            self._redirect(f"/s3/{name}")
        elif fault.kind == "redirect_loop":
            self._redirect(f"/loop/{name}")
        else:
            self._refuse(fault)

    def _refuse(self, fault: Fault) -> None:
        if fault.kind == "page":
            self._send(HTTPStatus.OK, _PAGE, {"Content-Type": "text/html; charset=utf-8"})
            return
        headers = {"Retry-After": fault.value} if fault.value else {}
        self._send(HTTPStatus(int(fault.kind)), b"not now\n", headers)

    def _redirect(self, to: str) -> None:
        self._send(HTTPStatus.TEMPORARY_REDIRECT, b"", {"Location": to})

    def _about(self, name: str) -> None:
        """What the portal's JSON says of a file, as far as anybody asks."""
        found = sorted((self.portal.folder / "files").glob(f"{name}.*"))
        if not found:
            self._send(HTTPStatus.NOT_FOUND, b"{}\n", {"Content-Type": "application/json"})
            return
        content = found[0].read_bytes()
        about = {"md5sum": hashlib.md5(content).hexdigest(), "file_size": len(content)}
        text = json.dumps({"accession": name, **about}).encode()
        self._send(HTTPStatus.OK, text, {"Content-Type": "application/json"})

    def _file(self, name: str) -> None:
        path = self.portal.folder / "files" / name
        if not path.is_file():
            self._send(HTTPStatus.NOT_FOUND, b"no such file\n")
            return
        fault = self.portal.faults.meet(name, IN_BODY)
        content = path.read_bytes()
        if fault and fault.kind in ("wrong_bytes", "changed"):
            content = content[:-1] + bytes([content[-1] ^ 1])
        headers = {
            "ETag": f'"{hashlib.md5(content).hexdigest()}"',
            "Accept-Ranges": "bytes",
            "Content-Type": "application/octet-stream",
        }
        self._body(content, fault, headers)

    def _body(self, content: bytes, fault: Fault | None, headers: dict[str, str]) -> None:
        kind = fault.kind if fault else ""
        first, status = 0, HTTPStatus.OK
        asked = self.headers.get("Range")
        start = _RANGE.fullmatch(asked or "")
        same = self.headers.get("If-Range") in (None, headers.get("ETag"))
        if start and same and kind != "ignore_range" and "ETag" in headers:
            first = int(start[1])
            if first >= len(content):
                whole = {"Content-Range": f"bytes */{len(content)}"}
                self._send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", whole)
                return
            status = HTTPStatus.PARTIAL_CONTENT
            headers |= {"Content-Range": f"bytes {first}-{len(content) - 1}/{len(content)}"}
        body = content[first:]
        length = len(body) + {"too_long": 7, "too_short": -7}.get(kind, 0)
        known = self._note(status)
        self._head(status, headers | {"Content-Length": str(length)})
        self._pieces(body[:length], kind, float(fault.value or 0) if fault else 0, known)
        if known.sent < length:
            self.close_connection = True

    def _note(self, status: int) -> Asked:
        """Keep a request before a client can know that it was answered."""
        known = Asked(self.path, self.headers.get("Range"), status, 0)
        self.portal.requests.append(known)
        return known

    def _pieces(self, body: bytes, kind: str, rate: float, known: Asked) -> None:
        """Write the body, or as much of it as the fault lets."""
        stop = len(body) // 2 if kind in ("truncate", "stall") else len(body)
        step = max(1, int(rate / 20)) if kind == "drip" and rate else _CHUNK
        for at in range(0, stop, step):
            piece = body[at : min(at + step, stop)]
            known.sent += len(piece)
            self.wfile.write(piece)
            self.portal.watch()
            if kind == "drip" and self.portal.stopping.wait(step / rate if rate else 0):
                return
        if kind == "stall":
            begin = time.monotonic()
            while not self._is_left() and time.monotonic() - begin < _STALL:
                pass

    def _is_left(self) -> bool:
        """Whether the client has gone, or the portal is to end."""
        says_something = select.select([self.connection], [], [], 0.05)[0]
        return bool(says_something) or self.portal.stopping.is_set()

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._note(status).sent = len(body)
        self._head(status, {"Content-Length": str(len(body)), **(headers or {})})
        self.wfile.write(body)
        self.portal.watch()

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
