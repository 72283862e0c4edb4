"""Whether what a model answers is a number."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import StoreError

Logits = TypeVar("Logits", NDArray[np.float32], NDArray[np.float64])


def check_numbers(logits: Logits) -> Logits:
    """The logits given, every one of which is a finite number.

    Weights that are numbers may be so large that what they add up to is none.

    Raises:
        StoreError: one is NaN or infinite.
    """
    if not np.isfinite(logits).all():
        raise StoreError(
            "the model cannot be used: it answers values that are no numbers (NaN or infinite). "
            "Its training failed, or its weights were changed: use another checkpoint"
        )
    return logits
