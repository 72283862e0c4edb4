"""Codes to one-hot on the device where the model runs, and the other strand of one-hot."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import embedding

_TABLE = torch.cat([torch.eye(4), torch.full((1, 4), 0.25)])


def one_hot(codes: Tensor) -> Tensor:
    """float32 (batch, 4, length) of codes (batch, length); an unknown base is 0.25 four times."""
    return embedding(codes.int(), _TABLE.to(codes.device)).transpose(1, 2).contiguous()


def reverse_complement(x: Tensor) -> Tensor:
    """The other strand of one-hot (batch, 4, length): with channels A C G T, both axes flipped."""
    return x.flip(1, 2)
