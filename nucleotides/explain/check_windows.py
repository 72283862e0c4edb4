"""Whether an array holds windows of a model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError


def check_windows(codes: NDArray[Any], length: int) -> NDArray[np.uint8]:
    """The array, if it is uint8 (n, length) of codes 0 to 4.

    Raises:
        InputError: it is not.
    """
    windows = np.asarray(codes)
    if windows.dtype != np.uint8 or windows.ndim != 2 or windows.shape[1] != length:
        raise InputError(
            f"{windows.dtype} of shape {windows.shape} are no windows: give codes, uint8 "
            f"(n, {length})"
        )
    if windows.size and windows.max() > 4:
        raise InputError(f"{windows.max()} is no code of a base: give 0 to 3 for A C G T, 4 for N")
    return windows
