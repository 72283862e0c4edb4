"""HTTP over TCP, as uvicorn speaks it, but promptly, and not for ever with who says nothing."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from nucleotides.api.few_pieces import few_pieces
from nucleotides.api.one_length import one_length

_Base: Any = AutoHTTPProtocol
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class PromptProtocol(_Base):  # type: ignore[misc]
    """uvicorn's, with TCP_NODELAY, and a time in which the head of a request has to arrive.

    A body in far too many pieces, or with two lengths, is answered 400 (`few_pieces`,
    `one_length`); httptools, if it is installed, reads the former quickly enough and refuses the
    latter by itself.

    asyncio sets TCP_NODELAY for sockets that it opened, not for one that several processes share or
    that a test brings along; there a body would wait 40 ms for the headers to be acknowledged.

    Attributes:
        head_seconds: from the connection, or a request's first byte, to the end of its head.
    """

    head_seconds = 30.0
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A client is there."""
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        if hasattr(self, "conn"):  # of h11
            self.conn.next_event = few_pieces(one_length(self.conn.next_event))
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Something came."""
        super().data_received(data)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        super().connection_lost(exc)
        self._stop_waiting()

    def _wait_for_head(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._patience is None and not self.transport.is_closing():
            self._patience = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_SLOW)
            self.transport.close()
