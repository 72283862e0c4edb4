"""Messages on a request's only item, which tables call row 0."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nucleotides.errors import InputError


@contextmanager
def of_one(alone: bool = True) -> Iterator[None]:
    """What is wrong in the block is said without the number of the row, if it is the only one."""
    try:
        yield
    except InputError as error:
        if alone:
            said = str(error).removeprefix("row 0: ").replace("; row 0)", ")")
            error.args = (said, *error.args[1:])
        raise
