"""Batches on the CPU: places drawn many batches at once, each batch made in compiled passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.data.positions import Positions
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers
from nucleotides.mapped_memory import let_go, mapped_bytes, mapped_from
from nucleotides.targets import TargetStore
from nucleotides.targets.index import StabbingIndex
from nucleotides.targets.index_file import IndexFile

Batch = dict[str, Tensor]
Place = Callable[[int, Integers], Positions]
Windows = tuple[Integers, Integers, int, NDArray[np.bool_]]
Number = TypeVar("Number", np.uint8, np.float32)
Kind = Literal["codes", "packed", "floats"]

MAPPED_LIMIT = 768 << 20  # bytes of the stores that a process holds before it reads instead
_LOOK_AFTER = 1024


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
        self.genome, self.place = genome, place
        self.sequence_length, self.kind = sequence_length, kind
        self.n_tasks = len(targets.tasks)
        self.index: StabbingIndex | IndexFile
        self.index, self.layout = targets.index(bin, threshold)
        self.mapped_limit, self._since = MAPPED_LIMIT, 0
        self._held_before: int | None = None  # libraries, and other stores

    def block(self, epoch: int, indices: Sequence[Integers]) -> Callable[[int], Batch]:
        """As `Source` says."""
        if self._held_before is None:
            self._held_before = mapped_bytes()
        at = self.place(epoch, np.concatenate(indices))
        edges = np.cumsum([0, *(index.size for index in indices)])
        starts = at.centres - self.sequence_length // 2 + at.shifts
        cells = self.layout.cells(at.contigs, at.centres)

        def make(number: int) -> Batch:
            self._count(indices[number].size)
            part = slice(edges[number], edges[number + 1])
            where = (at.contigs[part], starts[part], self.sequence_length, at.reverse[part])
            return self._make(where, cells[part])

        return make

    def _make(self, where: Windows, cells: Integers) -> Batch:
        if self.kind == "floats":
            x, y = self.genome.one_hot_windows(*where), self._room(cells, np.float32)
            self.index.stab(cells, y)
            return {"sequence": torch.from_numpy(x), "labels": torch.from_numpy(y)}
        codes = torch.from_numpy(self.genome.windows(*where))
        if self.kind == "packed":
            packed = np.empty((cells.size, -(-self.n_tasks // 8)), np.uint8)
            self.index.stab_bits(cells, packed)
            return {"codes": codes, "packed": torch.from_numpy(packed)}
        labels = self._room(cells, np.uint8)
        self.index.stab(cells, labels)
        return {"codes": codes, "labels": torch.from_numpy(labels)}

    def _count(self, samples: int) -> None:
        """Read from files from now on, if by now too much of them is held in memory."""
        self._since += samples
        if self._since < _LOOK_AFTER:
            return
        self._since = 0
        held = mapped_bytes() - (self._held_before or 0)
        if isinstance(self.index, StabbingIndex) and held > self.mapped_limit:
            self.genome.read_from_now_on()
            if mapped_from(self.index.pieces) is not None:
                let_go(self.index)
                self.index = IndexFile(self.index)

    def _room(self, cells: Integers, kind: type[Number]) -> NDArray[Number]:
        return np.empty((cells.size, self.n_tasks), kind)
