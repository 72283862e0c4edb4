"""More requests at once than anybody could wait for are refused before they are read."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from nucleotides.api.failures import failure, id_of


class LimitRequests:
    """Refuses a POST while so many are in work; what looks after the server is answered.

    Args:
        most: requests.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most, self._open = app, most, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        if self._open >= self._most:
            said = f"{self._open:,} requests are in work already: ask again later"
            answer = failure(id_of(scope), 429, "overloaded", said)
            answer.headers["Connection"] = "close"  # its body is not read
            await answer(scope, receive, send)
            return
        self._open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open -= 1
