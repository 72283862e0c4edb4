"""Ids, the access log, counts; and the last resort for errors nobody thought of."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import MutableMapping
from logging import getLogger
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nucleotides.api.failures import failure
from nucleotides.api.measure import Measures

ACCESS = getLogger("nucleotides.access")
_ID = re.compile(rb"[A-Za-z0-9_.-]{1,64}")
LEFT = 499
"""The status that the log has where the client left before the answer, as nginx does."""


class NoteRequests:
    """Gives each request an id, and writes a line of JSON when it has been answered.

    The id is that of the header X-Request-ID if there is a fitting one, and is answered in it.
    """

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app, self._measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()
        name = _given_id(scope) or uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = name
        known: MutableMapping[str, Any] = {"status": LEFT, "bytes": 0}

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                known["status"] = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            elif message["type"] == "http.response.body":
                known["bytes"] += len(message.get("body", b""))
            await send(message)

        with self._measures.open.track_inprogress():
            try:
                await self._app(scope, receive, noting)
            except ClientDisconnect:
                pass  # nobody is there to be answered
            except Exception:
                ACCESS.exception("request %s failed", name)
                if known["status"] == LEFT:
                    said = f"the server failed; its log has more at the id {name}"
                    await failure(name, 500, "internal", said)(scope, receive, noting)
        self._note(scope, name, known, time.perf_counter() - begin)

    def _note(
        self, scope: Scope, name: str, known: MutableMapping[str, Any], seconds: float
    ) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self._measures.requests.labels(route, known["status"]).inc()
        self._measures.latency.labels(route).observe(seconds)
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "request": name,
            "client": (scope.get("client") or ("",))[0],
            "method": scope["method"],
            "path": scope["path"][:200],
            "milliseconds": round(seconds * 1000, 1),
            **known,
        }
        ACCESS.info("%s", json.dumps(line))


def _given_id(scope: Scope) -> str:
    given = next((value for key, value in scope["headers"] if key == b"x-request-id"), b"")
    return given.decode() if _ID.fullmatch(given) else ""
