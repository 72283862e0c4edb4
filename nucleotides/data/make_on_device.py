"""Batches made on the device that holds the stores: the CPU only says which."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from nucleotides.data.draw_on_device import DeviceDraw, DevicePositions
from nucleotides.data.make_batches import Batch, Place
from nucleotides.data.pack_labels import pack_labels
from nucleotides.data.positions import TrainingPositions
from nucleotides.data.resident_store import ResidentGenome, ResidentLabels
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers
from nucleotides.targets import TargetStore


class Resident:
    """Both stores on one device."""

    def __init__(
        self,
        genome: GenomeStore,
        targets: TargetStore,
        bin: int,
        threshold: float,
        device: torch.device,
    ) -> None:
        self.device = device
        self.genome = ResidentGenome(genome, device)
        index, layout = targets.index(bin, threshold)
        self.labels = ResidentLabels(index, layout, len(targets.tasks), device)

    @staticmethod
    def bytes_needed(genome: GenomeStore, targets: TargetStore, bin: int, threshold: float) -> int:
        """Of device memory, for the stores; batches and places need some megabytes more."""
        index, _ = targets.index(bin, threshold)
        return ResidentGenome.bytes_needed(genome) + ResidentLabels.bytes_needed(index)


class DeviceSource:
    """Batches made on a device, the same as those of `HostSource`.

    Places are drawn there too when they are those of a `TrainingPositions`; all others are drawn
    on the CPU and moved, some twenty bytes a sample.

    Args:
        resident: the stores.
        place: positions of the samples with the given indices in the given epoch.
        packed: batches hold packed uint8 (n, tasks / 8 up) instead of labels.
    """

    def __init__(
        self, resident: Resident, place: Place, sequence_length: int, *, packed: bool = False
    ) -> None:
        self.resident, self.place = resident, place
        self.sequence_length, self.packed = sequence_length, packed
        drawn_by = getattr(place, "__self__", None)
        self._draw: DeviceDraw | None = None
        if isinstance(drawn_by, TrainingPositions) and type(drawn_by) is TrainingPositions:
            self._draw = DeviceDraw(drawn_by, resident.device)

    def block(self, epoch: int, indices: Sequence[Integers]) -> Callable[[int], Batch]:
        """As `Source` says. Waits for the device once a block, to know how much to reserve."""
        at = self._positions(epoch, np.concatenate(indices))
        labels = self.resident.labels
        starts = at.centres - self.sequence_length // 2 + at.shifts
        cells = labels.cells(at.contigs, at.centres)
        low, count = labels.stretches(cells)
        edges = np.cumsum([0, *(index.size for index in indices)])
        before = torch.cat([count.new_zeros(1), count.cumsum(0)])
        totals = np.diff(before[torch.from_numpy(edges).to(before.device)].cpu().numpy())

        def make(number: int) -> Batch:
            part = slice(edges[number], edges[number + 1])
            codes = self.resident.genome.windows(
                at.contigs[part], starts[part], self.sequence_length, at.reverse[part]
            )
            found = labels.labels(cells[part], low[part], count[part], int(totals[number]))
            if self.packed:
                return {"codes": codes, "packed": pack_labels(found)}
            return {"codes": codes, "labels": found}

        return make

    def _positions(self, epoch: int, index: Integers) -> DevicePositions:
        device = self.resident.device
        if self._draw is None:
            return DevicePositions.move(self.place(epoch, index), device)
        there: Tensor = torch.from_numpy(index).to(device, non_blocking=True)
        return self._draw(epoch, there)
