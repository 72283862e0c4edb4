"""API keys, where the server has any."""

from __future__ import annotations

import hashlib
import hmac

from starlette.types import ASGIApp, Receive, Scope, Send

from nucleotides.api.failures import failure, id_of

OPEN = frozenset({"/", "/health", "/ready"})
"""What answers without a key, for those who look whether the server is well, or have yet to type it
into the explorer."""
PARTS = "/explorer/"
"""Scripts and style sheets of the explorer, which tell nothing of models."""


class AskForKeys:
    """Refuses requests whose header X-API-Key is none of the keys.

    Digests are compared, all of them, in constant time: how long it takes tells nothing of a key.
    """

    def __init__(self, app: ASGIApp, keys: tuple[str, ...]) -> None:
        self._app = app
        self._digests = [hashlib.sha256(key.encode()).digest() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or _is_open(scope["path"]) or self._knows(scope):
            await self._app(scope, receive, send)
            return
        said = "this server wants a key that counts in the header X-API-Key"
        await failure(id_of(scope), 401, "no_key", said)(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        shown = dict(scope["headers"]).get(b"x-api-key", b"")
        digest = hashlib.sha256(shown).digest()
        return sum(hmac.compare_digest(digest, known) for known in self._digests) > 0


def _is_open(path: str) -> bool:
    return path in OPEN or path.startswith(PARTS)
