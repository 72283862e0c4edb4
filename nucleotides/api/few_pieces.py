"""A body in a million pieces of a byte is refused: each takes as long as one of a kilobyte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h11

_MANY = 10_000
_LEAST = 8
"""So many pieces of a body may have any size; of more, each has so many bytes on average."""


def few_pieces(next_event: Callable[[], Any]) -> Callable[[], Any]:
    """The same events of h11, as long as the pieces of a body are not too many and too small.

    Raises, when called:
        h11.RemoteProtocolError: they are.
    """
    pieces = size = 0

    def counted() -> Any:
        nonlocal pieces, size
        event = next_event()
        if isinstance(event, h11.Request):
            pieces = size = 0
        elif isinstance(event, h11.Data):
            pieces, size = pieces + 1, size + len(event.data)
            if pieces > _MANY and size < _LEAST * pieces:
                raise h11.RemoteProtocolError(f"{pieces:,} pieces with {size:,} bytes")
        return event

    return counted
