"""Whether a sequence is long enough for a network's layers."""

from __future__ import annotations

from collections.abc import Callable

from nucleotides.errors import InputError


def check_length(model: object, length: int, remaining: Callable[[int], int]) -> int:
    """Positions that remain of `length` bases.

    Args:
        model: whose layers they are, for the message.
        length: bases of a window.
        remaining: positions left of a given length, below 1 where it is too short.

    Raises:
        InputError: nothing remains; the message names the shortest length that does.
    """
    if (left := remaining(length)) >= 1:
        return left
    shortest = length + 1
    while remaining(shortest) < 1:
        shortest += 1
    raise InputError(
        f"--sequence_length {length} is too short for {type(model).__name__}: "
        f"the shortest that does is {shortest}"
    )
