"""What routes ask for, as types.

All are coroutines, though they wait for nothing: FastAPI calls functions in a thread each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Coroutine
from typing import Annotated, Any, Protocol, TypeVar, cast

from fastapi import Depends, Query, Request

from nucleotides.api.served import Served, ServedModel
from nucleotides.api.wait_for import wait_for

T = TypeVar("T")


class Answering(Protocol):
    """Does work while the client stays and the time is not up."""

    async def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work returns.

        Raises:
            TooLateError: the time is up.
            ClientDisconnect: the client has left.
        """


def _of(request: Request) -> Served:
    return cast(Served, request.app.state.served)


async def _served(request: Request) -> Served:
    return _of(request)


async def _answering(request: Request) -> Answering:
    seconds = _of(request).config.request_timeout

    async def answering(work: Coroutine[Any, Any, T]) -> T:
        return await wait_for(request, work, seconds)

    return answering


async def _named_model(
    request: Request,
    model: Annotated[
        str | None,
        Query(max_length=300, description="Of several models, which. Default: the first."),
    ] = None,
) -> ServedModel:
    return _of(request).model(model)


async def _owner(request: Request) -> str:
    """Whose jobs a request may see: a digest of its key, where the server wants keys."""
    if not _of(request).config.keys:
        return ""
    return hashlib.sha256(request.headers.get("x-api-key", "").encode("latin-1")).hexdigest()


Here = Annotated[Served, Depends(_served)]
"""What the server has."""

InTime = Annotated[Answering, Depends(_answering)]
"""Does work while somebody waits for it."""

Owner = Annotated[str, Depends(_owner)]
"""Who asks, as far as jobs go."""

NamedModel = Annotated[ServedModel, Depends(_named_model)]
"""The model that the query names."""
