"""`Strata` on a device: the same positions for the same numbers, bit for bit."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nucleotides.data.strata import Strata


class DeviceStrata:
    """Groups of positions as tensors of one device.

    The positions of all groups stand behind one another on one line, so that one search finds
    the range of any of them.
    """

    def __init__(self, strata: Strata, device: torch.device) -> None:
        first = np.concatenate([[0], np.cumsum(strata.sizes)])
        offsets = np.repeat(first[:-1], np.diff(strata.first))
        arrays = (
            strata.cumulative,
            strata.sizes,
            first[:-1],
            strata.starts.astype(np.int64),
            strata.before.astype(np.int64) + offsets,
            strata.layout.zero,
        )
        tensors = [torch.from_numpy(np.ascontiguousarray(array)).to(device) for array in arrays]
        self.cumulative, self.sizes, self.first, self.starts, self.before, self.zero = tensors

    def pick(self, where: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
        """Contigs and positions, int64 (n,), for two numbers in [0, 1) each, float64 (n,)."""
        group = torch.searchsorted(self.cumulative, where, right=True)
        rank = self.first[group] + (place * self.sizes[group]).long()
        row = torch.searchsorted(self.before, rank, right=True) - 1
        cells = self.starts[row] + rank - self.before[row]
        contigs = torch.searchsorted(self.zero, cells, right=True) - 1
        return contigs, cells - self.zero[contigs]
