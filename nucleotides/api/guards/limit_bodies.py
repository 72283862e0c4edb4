"""Bodies that are too large, or too slow, are refused before anything parses them."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nucleotides.api.failures import failure, id_of


class LimitBodies:
    """Reads a body as a whole, if it is small enough and arrives in time, and hands it on.

    Args:
        most: bytes.
        seconds: in which all of it has to arrive.
        uploads: paths whose POST bodies their routes read, and limit, themselves.
    """

    def __init__(
        self, app: ASGIApp, most: int, seconds: float, uploads: frozenset[str] = frozenset()
    ) -> None:
        self._app, self._most, self._seconds = app, most, seconds
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "POST" and scope["path"] in self._uploads:
            await self._app(scope, *_closing(receive, send))
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._read(scope, receive)
        except TimeoutError:
            await self._refuse(
                408, "too_slow", f"no whole body within {self._seconds:g} s", scope, receive, send
            )
            return
        except OverflowError:
            said = f"a body has {self._most:,} bytes at most"
            await self._refuse(413, "too_large", said, scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _after(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body; None if the client left before its end."""
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or len(told) > 20 or int(told) > self._most:
            raise OverflowError
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            body += message.get("body", b"")
            if len(body) > self._most:
                raise OverflowError
            if not message.get("more_body", False):
                return bytes(body)

    async def _refuse(
        self, status: int, word: str, said: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        answer = failure(id_of(scope), status, word, said)
        answer.headers["Connection"] = "close"  # what is left of the body is not read
        await answer(scope, receive, send)


def _closing(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """The same, but whoever is answered before all was read is not read from any more."""
    whole = False

    async def receiving() -> Message:
        nonlocal whole
        message = await receive()
        whole = whole or not message.get("more_body", False)
        return message

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and not whole:
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return receiving, sending


def _after(body: bytes, receive: Receive) -> Receive:
    """What gives the body once, and then what the client does."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
