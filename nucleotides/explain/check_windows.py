"""Whether what is given is what it should be: windows of a model, options, numbers."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError, UnknownNameError


def check_windows(codes: NDArray[Any], length: int) -> NDArray[np.uint8]:
    """The array, if it is uint8 (n, length) of codes 0 to 4.

    Raises:
        InputError: it is not.
    """
    return check_codes(codes, length)


def check_codes(codes: NDArray[Any], length: int | None = None) -> NDArray[np.uint8]:
    """As `check_windows`, of any length.

    Raises:
        InputError: it is not.
    """
    found = np.asarray(codes)
    if found.dtype != np.uint8 or found.ndim != 2 or length not in (None, found.shape[1]):
        raise InputError(
            f"{found.dtype} of shape {found.shape} are no windows: give codes, uint8 "
            f"(n, {length or 'length'})"
        )
    if found.size and found.max() > 4:
        raise InputError(f"{found.max()} is no code of a base: give 0 to 3 for A C G T, 4 for N")
    return found


def check_choice(kind: str, given: str, choices: Any) -> None:
    """Whether an option is one of those of a `Literal`.

    Raises:
        UnknownNameError: it is not.
    """
    if given not in get_args(choices):
        raise UnknownNameError(kind, given, get_args(choices))


def check_number(what: str, given: int) -> None:
    """Whether there is something to take the mean of.

    Raises:
        InputError: a number below 1.
    """
    if given < 1:
        raise InputError(f"{given} {what}: give 1 or more")
