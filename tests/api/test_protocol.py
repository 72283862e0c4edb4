"""Parts of an answer do not wait for each other; nor does the server, for ever, for a request."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from dataclasses import replace

import pytest
import uvicorn
from uvicorn.server import ServerState

from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from nucleotides.api.protocol import PromptProtocol
from tests.api.live import answer, live, request
from tests.toy import sequence


async def _connections_of(listening: socket.socket) -> list[int]:
    """TCP_NODELAY of a connection to what listens."""
    config = uvicorn.Config(lambda *_: None, http=PromptProtocol, log_config=None)
    config.load()
    made: list[PromptProtocol] = []

    def protocol() -> PromptProtocol:
        made.append(PromptProtocol(config, ServerState(), {}))
        return made[-1]

    async with await asyncio.get_running_loop().create_server(protocol, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        while not (made and made[0].transport):
            await asyncio.sleep(0)
        found = made[0].transport.get_extra_info("socket")
        options = [found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)]
        writer.close()
        await writer.wait_closed()
    return options


def test_a_socket_that_was_brought_along() -> None:
    assert asyncio.run(_connections_of(socket.create_server(("127.0.0.1", 0)))) == [1]


def _in_pieces(n: int, size: int) -> bytes:
    """A body as it goes over the wire, chunked."""
    head = request("/sequence", b"", "Transfer-Encoding: chunked", length=-1)
    begin = b'{"chrom": "chr20", "start": 5, "end": 9}'
    return head + b"28\r\n%b\r\n" % begin + (b"%x\r\n%b\r\n" % (size, b" " * size)) * n


def test_a_body_in_too_many_pieces(config: Config) -> None:
    app = create_app(replace(config, models={}, predictions=None))
    with live(app) as port:
        for body, status in (
            (_in_pieces(10_001, 1), b"400"),
            (_in_pieces(9_000, 1) + b"0\r\n\r\n", b"200"),
            (_in_pieces(10_001, 8) + b"0\r\n\r\n", b"200"),
        ):
            with socket.create_connection(("127.0.0.1", port), 60) as connection:
                connection.sendall(body)
                assert connection.recv(65536).split(b" ", 2)[1] == status
        with socket.create_connection(("127.0.0.1", port), 60) as kept:
            for _ in range(2):  # each is counted by itself
                kept.sendall(_in_pieces(9_000, 1) + b"0\r\n\r\n")
                found = b""
                while not found.endswith(b"}") and (part := kept.recv(65536)):
                    found += part
                assert found.split(b" ", 2)[1] == b"200"


def test_heads_that_do_not_end(monkeypatch: pytest.MonkeyPatch, config: Config) -> None:
    monkeypatch.setattr(PromptProtocol, "head_seconds", 0.2)
    app = create_app(replace(config, models={}, predictions=None))
    with live(app) as port:
        for begun in (b"", b"POST /sequence HTTP/1.1\r\nHost: x\r\nX-A: "):
            with socket.create_connection(("127.0.0.1", port), 60) as slow:
                slow.sendall(begun)
                assert answer(slow).startswith(b"HTTP/1.1 408 ")
        whole = request("/sequence", b'{"chrom": "chr20", "start": 5, "end": 9}')
        with socket.create_connection(("127.0.0.1", port), 60) as kept:
            kept.sendall(whole)
            assert b" 200 " in kept.recv(65536)[:20]
            kept.sendall(whole[:20])
            assert answer(kept).endswith(
                b"408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )


def test_work_may_take_longer_than_a_head(monkeypatch: pytest.MonkeyPatch, config: Config) -> None:
    monkeypatch.setattr(PromptProtocol, "head_seconds", 0.05)
    app = create_app(config)
    go_on = threading.Event()
    with live(app) as port, socket.create_connection(("127.0.0.1", port), 60) as waits:
        batcher = app.state.served.model(None).batcher
        batcher._thread.submit(go_on.wait)
        body = json.dumps({"sequence": sequence(1000, 1)}).encode()
        waits.sendall(request("/predictions_for_sequence", body, "Connection: close"))
        go_on.wait(0.3)
        go_on.set()
        assert b" 200 " in answer(waits)[:20]
