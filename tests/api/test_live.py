"""Over real connections: those that are cut, slow or half."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import replace

import httpx2

from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from tests.api.live import answer, live, request
from tests.toy import sequence


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 60)


def until(true: Callable[[], object]) -> None:
    """Ask until it is so."""
    assert any(true() for _ in range(5000))


def body(seed: int) -> bytes:
    return json.dumps({"sequence": sequence(1000, seed)}).encode()


def test_windows_of_a_client_that_left_are_dropped(config: Config) -> None:
    app = create_app(replace(config, request_timeout=600))
    go_on = threading.Event()
    with (
        live(app) as port,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client,
        connect(port) as busy,
        connect(port) as leaves,
    ):
        batcher = app.state.served.model(None).batcher
        batcher._thread.submit(go_on.wait)
        try:
            busy.sendall(request("/predictions_for_sequence", body(1), "Connection: close"))
            until(lambda: batcher._thread._work_queue.qsize() or client.get("/health").is_error)
            leaves.sendall(request("/predictions_for_sequence", body(2)))
            until(lambda: batcher.waiting or client.get("/health").is_error)
            leaves.close()
            until(lambda: not batcher.waiting or client.get("/health").is_error)
        finally:
            go_on.set()
        assert b"200 OK" in answer(busy)
        counted = client.get("/metrics").text
    assert 'nucleotides_batch_windows_sum{model="demo"} 1.0' in counted
    assert 'route="/predictions_for_sequence",status="499"} 1.0' in counted


def test_half_sent_requests(config: Config) -> None:
    app = create_app(replace(config, models={}, predictions=None, read_timeout=0.2))
    with live(app) as port:
        with connect(port) as slow:
            slow.sendall(request("/sequence", b'{"chrom":', length=5000))
            found = answer(slow)
            assert b"408 Request Timeout" in found
            assert b"no whole body within 0.2 s" in found
        with connect(port) as gone:
            gone.sendall(request("/sequence", b'{"chrom":', length=5000))
        with connect(port) as endless:
            endless.sendall(request("/sequence", b"", "Transfer-Encoding: chunked", length=-1))
            piece = b"40000\r\n" + b" " * 0x40000 + b"\r\n"
            try:
                for _ in range(200):
                    endless.sendall(piece)
            except (ConnectionError, TimeoutError):
                pass  # the server has closed: what it said may be lost
            else:
                assert b"413" in answer(endless)
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            assert client.get("/health").status_code == 200


def test_odd_lines_are_refused(config: Config) -> None:
    app = create_app(replace(config, models={}, predictions=None))
    with live(app) as port:
        for line in (b"\x00\x01\x02\r\n\r\n", b"A" * 100_000 + b"\r\n\r\n"):
            with connect(port) as odd:
                odd.sendall(line)
                assert b"400" in answer(odd)[:20]


def test_a_request_with_two_lengths_is_refused_and_its_connection_closed(config: Config) -> None:
    app = create_app(replace(config, models={}, predictions=None))
    both = request("/sequence", b"", "Transfer-Encoding: chunked", length=4) + b"0\r\n\r\n"
    hidden = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with live(app) as port:
        for before in (b"", request("/sequence", b"{}")):  # it may come behind another
            with connect(port) as smuggling:
                smuggling.sendall(before + both + hidden)
                found = answer(smuggling)
            assert found.count(b"HTTP/1.1 ") == 1 + bool(before)
            assert b"HTTP/1.1 400 " in found
            assert b'"ok"' not in found


def test_who_is_answered_is_answered_before_the_end(config: Config) -> None:
    app = create_app(config)
    found: list[bytes] = []
    with live(app) as port:
        go_on = threading.Event()
        batcher = app.state.served.model(None).batcher
        batcher._thread.submit(go_on.wait)
        asked = connect(port)
        asked.sendall(request("/predictions_for_sequence", body(1), "Connection: close"))
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            until(lambda: "nucleotides_open_requests 2.0" in client.get("/metrics").text)
        reader = threading.Thread(target=lambda: found.append(answer(asked)))
        reader.start()
        go_on.set()
    reader.join()
    asked.close()
    assert b"200 OK" in found[0]
