"""A model's network as one plain module, for what traces or compiles it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from nucleotides.api.engine import Codes, Logits
from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.predict import Model


class Whole(nn.Module):
    """Logits (n, tasks) of one-hot (n, 4, length), of both strands where the model averages them.

    Args:
        model: the model; its network is shared, not copied.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.network, self.both_strands = model.network, model.network.both_strands

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        logits: Tensor = self.network(x)
        if self.both_strands:
            logits = (logits + self.network(reverse_complement(x))) / 2
        return logits


def encoded(windows: Codes, device: torch.device | str = "cpu") -> Tensor:
    """One-hot float32 of codes (n, length)."""
    return one_hot(torch.from_numpy(np.ascontiguousarray(windows)).to(device))


def plain(logits: Tensor) -> Logits:
    """As numpy has it."""
    return np.asarray(logits.float().cpu().numpy())
