"""Numbers that options may have; what is none of them is told before any work."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nucleotides.errors import InputError


def check_whole(name: str, value: Any, least: int) -> None:
    """Refuse what is no whole number, or less than `least`.

    Raises:
        InputError: it is; the message names the option.
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < least:
        raise InputError(f"{name} is a whole number, {least} or more, not {value!r}")


def check_number(
    name: str, value: Any, low: float = -math.inf, high: float = math.inf, *, above: bool = False
) -> None:
    """Refuse what is no finite number from `low` to `high`; `above`: `low` is none of them.

    Raises:
        InputError: it is; the message names the option.
    """
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    fits = number and math.isfinite(value) and low <= value <= high and (value > low or not above)
    if not fits:
        wanted = "finite" if low == -math.inf else f"above {low:g}" if above else f"{low:g} or more"
        wanted += f", at most {high:g}" * (high < math.inf)
        raise InputError(f"{name} is a number, {wanted}, not {value!r}")
