"""Batches on the CPU: places drawn many batches at once, each batch made in compiled passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from nucleotides.data.positions import Positions
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers
from nucleotides.targets import TargetStore

Batch = dict[str, Tensor]
Place = Callable[[int, Integers], Positions]
Kind = Literal["codes", "packed", "floats"]


class Source(Protocol):
    """What makes batches, wherever it does."""

    place: Place

    def block(self, epoch: int, indices: Sequence[Integers]) -> Callable[[int], Batch]:
        """Draw the samples of several batches at once; the i-th is made when it is asked for."""


class HostSource:
    """Batches made on the CPU.

    Args:
        place: positions of the samples with the given indices in the given epoch.
        kind: what a batch holds.
            "codes": codes uint8 (n, length), labels uint8 (n, tasks);
            "packed": codes, and packed uint8 (n, tasks / 8 up), a bit a label;
            "floats": sequence float32 (n, 4, length), labels float32 (n, tasks).
    """

    def __init__(
        self,
        genome: GenomeStore,
        targets: TargetStore,
        place: Place,
        *,
        sequence_length: int,
        bin: int,
        threshold: float,
        kind: Kind = "codes",
    ) -> None:
        self.genome, self.targets, self.place = genome, targets, place
        self.sequence_length, self.kind = sequence_length, kind
        self.rule = (bin, threshold)

    def block(self, epoch: int, indices: Sequence[Integers]) -> Callable[[int], Batch]:
        """As `Source` says."""
        at = self.place(epoch, np.concatenate(indices))
        edges = np.cumsum([0, *(index.size for index in indices)])

        def make(number: int) -> Batch:
            part = slice(*edges[number : number + 2])
            return self.make(Positions(*(values[part] for values in at)))  # type: ignore[arg-type]

        return make

    def make(self, at: Positions) -> Batch:
        """The batch of these samples."""
        starts = at.centres - self.sequence_length // 2 + at.shifts
        where = (at.contigs, starts, self.sequence_length, at.reverse)
        bins = (at.contigs, at.centres, *self.rule)
        if self.kind == "floats":
            x, y = self.genome.one_hot_windows(*where), self.targets.float_labels_at(*bins)
            return {"sequence": torch.from_numpy(x), "labels": torch.from_numpy(y)}
        codes = torch.from_numpy(self.genome.windows(*where))
        if self.kind == "packed":
            packed = self.targets.packed_labels_at(*bins)
            return {"codes": codes, "packed": torch.from_numpy(packed)}
        return {"codes": codes, "labels": torch.from_numpy(self.targets.labels_at(*bins))}
