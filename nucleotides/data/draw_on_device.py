"""Training samples drawn on a device: those of `TrainingPositions`, bit for bit."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from nucleotides.data.draws_on_device import uniform_on_device
from nucleotides.data.positions import Positions, TrainingPositions
from nucleotides.data.strata_on_device import DeviceStrata


class DevicePositions(NamedTuple):
    """`Positions` as tensors (n,) of one device."""

    contigs: Tensor
    centres: Tensor
    reverse: Tensor
    shifts: Tensor

    @classmethod
    def move(cls, at: Positions, device: torch.device) -> DevicePositions:
        """Positions that were drawn on the CPU."""
        return cls(*(torch.from_numpy(values).to(device, non_blocking=True) for values in at))


class DeviceDraw:
    """The samples of a `TrainingPositions`, drawn on one device."""

    def __init__(self, positions: TrainingPositions, device: torch.device) -> None:
        self.like, self.strata = positions, DeviceStrata(positions.strata, device)

    def __call__(self, epoch: int, index: Tensor) -> DevicePositions:
        """The samples of the given indices int64 (n,) of an epoch."""
        like = self.like
        strand, shift, where, place = (
            uniform_on_device(like.seed, epoch, index, stream) for stream in range(4)
        )
        contigs, centres = self.strata.pick(where, place)
        shifts = (shift * (2 * like.max_shift + 1)).long() - like.max_shift
        return DevicePositions(contigs, centres, (strand < 0.5) & like.both_strands, shifts)
