"""Errors said in the words of who asked, where what was asked is not what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nucleotides.errors import InputError


@contextmanager
def retell(change: Callable[[str], str]) -> Iterator[None]:
    """The message of an InputError of the block, changed; the error is the same."""
    try:
        yield
    except InputError as error:
        error.args = (change(str(error)), *error.args[1:])
        raise
