"""Parts of an answer do not wait for each other."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from uvicorn.server import ServerState

from nucleotides.api.protocol import PromptProtocol


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
