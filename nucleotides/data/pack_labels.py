"""Labels as bits, eight tasks a byte, the first in the lowest bit: on any device, exactly."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad


def unpack_labels(packed: Tensor, n_tasks: int) -> Tensor:
    """uint8 (n, tasks) of 0 and 1, from bits uint8 (n, tasks / 8 up)."""
    bits = (packed[:, :, None] >> _places(packed)) & 1
    return bits.flatten(1)[:, :n_tasks].contiguous()


def pack_labels(labels: Tensor) -> Tensor:
    """Bits uint8 (n, tasks / 8 up), from uint8 (n, tasks) of 0 and 1."""
    filled = pad(labels, (0, -labels.shape[1] % 8)).view(len(labels), -1, 8)
    return (filled << _places(labels)).sum(2, dtype=torch.uint8)


def _places(like: Tensor) -> Tensor:
    return torch.arange(8, dtype=torch.uint8, device=like.device)
