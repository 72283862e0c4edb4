"""Work for somebody: given up when the client has left, or when the time is up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from nucleotides.errors import TooLateError

T = TypeVar("T")


async def wait_for(request: Request, work: Coroutine[Any, Any, T], seconds: float) -> T:
    """What the work returns.

    Raises:
        TooLateError: it took longer than `seconds`.
        ClientDisconnect: the client left. In both cases the work is cancelled.
    """
    doing, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({doing, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        if leaving.done():
            raise ClientDisconnect
        raise TooLateError(f"it took longer than {seconds:g} s: ask for less at once, or later")
    finally:
        doing.cancel()
        leaving.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
