"""Codes to one-hot on the device where the model runs, and the other strand of one-hot."""

from __future__ import annotations

import torch
from torch import Tensor


def one_hot(codes: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """(batch, 4, length) of codes (batch, length); an unknown base is 0.25 four times.

    Exact in any floating type.
    """
    channels = torch.arange(4, dtype=codes.dtype, device=codes.device)
    quarter = (codes == 4).to(dtype) / 4
    return (codes[:, None] == channels[:, None]).to(dtype).add_(quarter[:, None])


def reverse_complement(x: Tensor) -> Tensor:
    """The other strand of one-hot (batch, 4, length): with channels A C G T, both axes flipped."""
    return x.flip(1, 2)
