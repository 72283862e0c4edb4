"""A request that says in two ways where its body ends is refused: readers would differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h11


def one_length(next_event: Callable[[], Any]) -> Callable[[], Any]:
    """The same events of h11, as long as no request has Transfer-Encoding and Content-Length.

    A proxy that goes by the other of the two would take a part of the body for a request, or hide
    one in it (RFC 9112, section 6.1).

    Raises, when called:
        h11.RemoteProtocolError: a request has both; its connection is closed.
    """

    def checked() -> Any:
        event = next_event()
        if isinstance(event, h11.Request):
            names = {name for name, _ in event.headers}
            if b"transfer-encoding" in names and b"content-length" in names:
                raise h11.RemoteProtocolError("both Transfer-Encoding and Content-Length")
        return event

    return checked
