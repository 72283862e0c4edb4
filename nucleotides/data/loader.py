"""Batches by number: the same for any number of workers, ranks and resumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, SequentialSampler

from nucleotides.data.positions import Positions
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers
from nucleotides.targets import TargetStore

Key = tuple[int, int]
Batch = dict[str, Tensor]


class BatchDataset(Dataset[Batch]):
    """Item (epoch, number) is a whole batch: codes uint8 (n, length), labels uint8 (n, tasks).

    Args:
        place: positions of the samples with the given indices in the given epoch.
        indices: indices of the samples of a batch, by its number.
    """

    def __init__(
        self,
        genome: GenomeStore,
        targets: TargetStore,
        place: Callable[[int, Integers], Positions],
        indices: Callable[[int], Integers],
        *,
        sequence_length: int,
        bin: int,
        threshold: float,
    ) -> None:
        self.genome, self.targets = genome, targets
        self.place, self.indices = place, indices
        self.sequence_length, self.bin, self.threshold = sequence_length, bin, threshold

    def __getitem__(self, key: Key) -> Batch:
        epoch, number = key
        at = self.place(epoch, self.indices(number))
        starts = at.centres - self.sequence_length // 2 + at.shifts
        codes = self.genome.windows(at.contigs, starts, self.sequence_length, at.reverse)
        labels = self.targets.labels_at(at.contigs, at.centres, self.bin, self.threshold)
        return {"codes": torch.from_numpy(codes), "labels": torch.from_numpy(labels)}


class BatchSampler(SequentialSampler):
    """The keys (epoch, number) of this rank's batches, in order, from `first` on.

    Lightning calls `set_epoch` before each epoch, and leaves a sequential sampler in its place.
    """

    def __init__(self, n_batches: int) -> None:
        super().__init__(range(n_batches))
        self.n_batches, self.epoch, self.first = n_batches, 0, 0

    def set_epoch(self, epoch: int) -> None:
        """Batches are those of this epoch from now on."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.n_batches

    def __iter__(self) -> Iterator[Key]:  # type: ignore[override]
        first, self.first = self.first, 0
        return iter([(self.epoch, number) for number in range(first, self.n_batches)])


class BatchLoader(DataLoader[Batch]):
    """A DataLoader over whole batches whose place in the epoch is saved and restored."""

    def __init__(self, dataset: BatchDataset, n_batches: int, **options: Any) -> None:
        self.place_in_epoch = 0
        # A generator of its own: the loader's must not draw from the numbers that dropout uses.
        options["generator"] = torch.Generator()
        super().__init__(dataset, batch_size=None, sampler=BatchSampler(n_batches), **options)

    def __iter__(self) -> Iterator[Batch]:  # type: ignore[override]
        sampler = self.sampler
        assert isinstance(sampler, BatchSampler)
        self.place_in_epoch = sampler.first
        for batch in super().__iter__():
            self.place_in_epoch += 1
            yield batch
        self.place_in_epoch = 0

    def state_dict(self) -> dict[str, int]:
        """How many batches of this epoch have been given out."""
        return {"place_in_epoch": self.place_in_epoch}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on after the batches that were given out."""
        assert isinstance(self.sampler, BatchSampler)
        self.sampler.first = state["place_in_epoch"]


def rank_indices(batch_size: int, rank: int, world: int, total: int) -> Callable[[int], Integers]:
    """Sample indices of this rank's n-th batch: ranks share each global batch, in turn."""

    def indices(number: int) -> Integers:
        first = (number * world + rank) * batch_size
        return np.arange(first, min(first + batch_size, total))

    return indices
