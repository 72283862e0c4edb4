"""Batches by number: the same for any number of workers, ranks and resumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, SequentialSampler

from nucleotides.data.make_batches import Batch, Source
from nucleotides.data.prefetch import ahead
from nucleotides.genome.ranges import Integers

Key = tuple[int, int]

_DRAWN_AT_ONCE = 8192


class BatchDataset(Dataset[Batch]):
    """Item (epoch, number) is a whole batch, as `source` makes it.

    Places of some 8,000 samples are drawn at once, which costs little more than those of one
    batch; since a sample depends on (seed, epoch, index) only, this cannot be seen from outside.

    Args:
        source: what makes batches.
        indices: indices of the samples of a batch, by its number.
        n_batches: how many batches there are.
        batch_size: samples of a batch, at most.
    """

    def __init__(
        self,
        source: Source,
        indices: Callable[[int], Integers],
        n_batches: int,
        batch_size: int,
    ) -> None:
        self.source, self.place, self.indices = source, source.place, indices
        self.n_batches, self.per_block = n_batches, max(_DRAWN_AT_ONCE // batch_size, 1)
        self._drawn: tuple[Key, Callable[[int], Batch]] | None = None

    def __getitem__(self, key: Key) -> Batch:
        epoch, number = key
        block, within = divmod(number, self.per_block)
        if self._drawn is None or self._drawn[0] != (epoch, block):
            first = block * self.per_block
            numbers = range(first, max(min(first + self.per_block, self.n_batches), number + 1))
            indices = [self.indices(n) for n in numbers]
            self._drawn = (epoch, block), self.source.block(epoch, indices)
        return self._drawn[1](within)


class BatchSampler(SequentialSampler):
    """The keys (epoch, number) of this rank's batches, in order; of one epoch from a batch on.

    Lightning calls `set_epoch` before each epoch, and leaves a sequential sampler in its place.
    """

    def __init__(self, n_batches: int) -> None:
        super().__init__(range(n_batches))
        self.n_batches, self.epoch = n_batches, 0
        self.resumed: Key = (0, 0)

    def set_epoch(self, epoch: int) -> None:
        """Batches are those of this epoch from now on."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.n_batches

    @property
    def first(self) -> int:
        """The batch that this epoch begins with: not 0 in the epoch that is gone on with."""
        epoch, number = self.resumed
        return number if epoch == self.epoch else 0

    def __iter__(self) -> Iterator[Key]:  # type: ignore[override]
        first, epoch = self.first, self.epoch
        self.resumed = (0, 0)
        return ((epoch, number) for number in range(first, self.n_batches))


class BatchLoader(DataLoader[Batch]):
    """A DataLoader over whole batches whose place in the epoch is saved and restored.

    Args:
        dataset: the batches.
        prefetch: so many batches are made ahead by a thread; with workers, they do that.
        options: of a DataLoader.
    """

    def __init__(self, dataset: BatchDataset, prefetch: int = 0, **options: Any) -> None:
        self.place_in_epoch = 0
        self.prefetch = 0 if options.get("num_workers") else prefetch
        # A generator of its own: the loader's must not draw from the numbers that dropout uses.
        options["generator"] = torch.Generator()
        sampler = BatchSampler(dataset.n_batches)
        super().__init__(dataset, batch_size=None, sampler=sampler, **options)

    def __iter__(self) -> Iterator[Batch]:  # type: ignore[override]
        sampler = self.sampler
        assert isinstance(sampler, BatchSampler)
        self.place_in_epoch = sampler.first
        # Without workers, what a DataLoader does between batches takes longer than making one.
        here = (self._pinned(self.dataset[key]) for key in sampler)
        made: Iterator[Batch] = super().__iter__() if self.num_workers else here
        for batch in ahead(made, self.prefetch) if self.prefetch else made:
            self.place_in_epoch += 1
            yield batch
            del batch  # else the next is made beside it, and not where it was
        self.place_in_epoch = 0

    def _pinned(self, batch: Batch) -> Batch:
        if not self.pin_memory:
            return batch
        return {name: values.pin_memory() for name, values in batch.items()}

    def state_dict(self) -> dict[str, int]:
        """How many batches of which epoch have been given out."""
        assert isinstance(self.sampler, BatchSampler)
        return {"epoch": self.sampler.epoch, "place_in_epoch": self.place_in_epoch}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on after the batches that were given out."""
        assert isinstance(self.sampler, BatchSampler)
        self.sampler.resumed = (state["epoch"], state["place_in_epoch"])


def rank_indices(batch_size: int, rank: int, world: int, total: int) -> Callable[[int], Integers]:
    """Sample indices of this rank's n-th batch: ranks share each global batch, in turn."""

    def indices(number: int) -> Integers:
        first = (number * world + rank) * batch_size
        return np.arange(first, min(first + batch_size, total))

    return indices
