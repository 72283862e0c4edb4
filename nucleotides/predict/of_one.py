"""Messages on a request's only item, which tables call row 0."""

from __future__ import annotations

from contextlib import AbstractContextManager

from nucleotides.retell import retell


def of_one(alone: bool = True) -> AbstractContextManager[None]:
    """What is wrong in the block is said without the number of the row, if it is the only one."""
    return retell(_without_row if alone else str)


def _without_row(message: str) -> str:
    return message.removeprefix("row 0: ").replace("; row 0)", ")")
