"""What might keep the event loop busy goes to a thread; what is quicker than a thread does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

P = ParamSpec("P")
T = TypeVar("T")
_LITTLE = 20_000


async def aside(size: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a function returns.

    Args:
        size: of its work: bases, or numbers.
        function: is called with the other arguments.
    """
    if size <= _LITTLE:
        return function(*args, **kwargs)
    return await run_in_threadpool(function, *args, **kwargs)
