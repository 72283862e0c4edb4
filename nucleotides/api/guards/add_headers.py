"""Headers that keep browsers from doing what the server does not mean."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


class AddHeaders:
    """Adds `SAFE` headers; a route's own of the same name stay."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                more = [
                    (k.encode(), v.encode()) for k, v in SAFE.items() if k.encode() not in there
                ]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, adding)
