"""POSTs beyond a number are refused; the server's health can still be asked for."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Receive, Scope, Send

from nucleotides.api.guards.limit_requests import LimitRequests


def test_too_many() -> None:
    async def all_of_it() -> list[int]:
        go_on = asyncio.Event()

        async def app(scope: Scope, _: Receive, send: Send) -> None:
            if scope["method"] == "POST":
                await go_on.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        guard = LimitRequests(app, 2)
        statuses: list[int] = []

        async def ask(method: str) -> None:
            async def send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    statuses.append(message["status"])
                    wanted = message["status"] == 429
                    assert ((b"retry-after", b"1") in message["headers"]) == wanted
                    assert ((b"connection", b"close") in message["headers"]) == wanted

            await guard({"type": "http", "method": method}, asyncio.Event().wait, send)

        waiting = [asyncio.create_task(ask("POST")) for _ in range(3)]
        await asyncio.sleep(0)
        await ask("GET")
        go_on.set()
        await asyncio.gather(*waiting)
        await ask("POST")
        return statuses

    assert asyncio.run(all_of_it()) == [429, 200, 200, 200, 200]
