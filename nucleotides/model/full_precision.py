"""Convolutions of float32 in float32, on a GPU too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def full_precision() -> Iterator[None]:
    """While it lasts, cuDNN does not round factors to TF32.

    torch lets it by default. Eleven bits are enough to train, but an effect is the difference of
    two outputs that are nearly the same.
    """
    chosen = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = chosen
