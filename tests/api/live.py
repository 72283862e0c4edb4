"""A real server on loopback, in a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from nucleotides.api.protocol import PromptProtocol


@contextmanager
def live(app: FastAPI) -> Iterator[int]:
    """Its port, while the block lasts."""
    listening = socket.create_server(("127.0.0.1", 0))
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

    server = Server(_config(app))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        assert started.wait(60)
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(app, http=PromptProtocol, log_config=None, timeout_graceful_shutdown=30)


def request(path: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """A POST as it goes over the wire."""
    told = [f"Content-Length: {len(body) if length is None else length}"] if length != -1 else []
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *told, *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    connection.settimeout(60)
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)
