"""Positions as rotations of queries and keys."""

from __future__ import annotations

import torch
from torch import Tensor

_SLOWEST = 10_000


def rotate(x: Tensor) -> Tensor:
    """Turn every vector by angles that grow with its position (Su et al. 2021, arXiv 2104.09864).

    Feature i and feature i + n / 2 are a pair, turned by position * 10000 ** (-2 i / n). The
    product of a turned query and a turned key then depends on how far apart they are, not on where.

    Args:
        x: (..., positions, n), n even.
    """
    positions, n = x.shape[-2:]
    pair = torch.arange(n // 2, device=x.device, dtype=torch.float32)
    place = torch.arange(positions, device=x.device, dtype=torch.float32)
    angles = place[:, None] * _SLOWEST ** (-2 * pair / n)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], -1)
