"""HTTP over TCP, every part of an answer sent at once."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_Base: Any = AutoHTTPProtocol


class PromptProtocol(_Base):  # type: ignore[misc]
    """uvicorn's, with TCP_NODELAY.

    asyncio sets it for sockets that it opened, not for one that several processes share or that a
    test brings along; there a body would wait 40 ms for the headers to be acknowledged.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A client is there."""
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
