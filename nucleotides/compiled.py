"""Machine code of loops that numpy has no words for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


@cache
def compiled(function: Function) -> Function:
    """A loop as machine code that holds no lock while it runs.

    numba is loaded, and its cache on disk touched, only when this is called: not on import.
    """
    from numba import njit

    return cast(Function, njit(cache=True, nogil=True)(function))
