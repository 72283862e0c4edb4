"""Explain sequences batch by batch: windows of different ones share a batch."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.explain.methods import How, Values, explain_windows
from nucleotides.explain.overlap_windows import Mean, Overlap, Place

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained

Codes = NDArray[np.uint8]
Batch = list[tuple[int, Place]]
"""Windows by sequence and place; of all the same part counts."""


class Explainer(NamedTuple):
    """What explains sequences that are as long as the window or longer."""

    model: Explained
    tasks: list[str]
    how: How
    overlap: Overlap

    def explain(self, sequences: Sequence[Codes]) -> Generator[None, None, list[Values]]:
        """Values (tasks, 4, length) and gaps (tasks,) of each; yields after each batch."""
        joined, found = Joined(self, sequences), list[Values]()
        for batch in self.batches(sequences):
            windows = self.windows(sequences, batch)
            found += joined.add(batch, self.explain_batch(windows, batch))
            yield
        return found

    def batches(self, sequences: Sequence[Codes]) -> Iterator[Batch]:
        """All windows, sequence by sequence, those that can be explained at once together."""
        places = (
            (row, place)
            for row, codes in enumerate(sequences)
            for place in self.overlap.places(codes.size)
        )
        for _, alike in groupby(places, key=lambda item: item[1][1:]):
            some, size = list(alike), self.how.at_once
            yield from (some[i : i + size] for i in range(0, len(some), size))

    def windows(self, sequences: Sequence[Codes], batch: Batch) -> Codes:
        """Codes (n, window) of a batch."""
        length = self.overlap.length
        return np.stack([sequences[row][place.start :][:length] for row, place in batch])

    def explain_batch(self, windows: Codes, batch: Batch) -> Values:
        """Values (n, tasks, 4, k) of the parts that count, and gaps (n, tasks)."""
        return explain_windows(self.model, windows, self.tasks, self.how, batch[0][1][1:])


class Joined:
    """Joins what is found of windows, which come batch by batch, to what is found of sequences."""

    def __init__(self, explainer: Explainer, sequences: Sequence[Codes]) -> None:
        self._explainer, self._sequences = explainer, sequences
        self._mean: Mean | None = None
        self._gap: NDArray[np.float64] | None = None

    def add(self, batch: Batch, found: Values) -> list[Values]:
        """The sequences that end in this batch: values (tasks, 4, length) and gaps (tasks,)."""
        whole = []
        for i, (row, place) in enumerate(batch):
            if self._mean is None:
                shape = (len(self._explainer.tasks), 4, self._sequences[row].size)
                self._mean, self._gap = Mean(shape), None
            weights = self._explainer.overlap.weights(place)
            self._mean.add(place.start + place.first, found.values[i], weights)
            if found.gap is not None:
                self._gap = _larger(self._gap, found.gap[i])
            if self._ends(row, place):
                whole.append(Values(self._mean.result(), self._gap))
                self._mean = None
        return whole

    def ended(self, batch: Batch) -> list[int]:
        """Rows of the sequences whose last window is in this batch."""
        return [row for row, place in batch if self._ends(row, place)]

    def _ends(self, row: int, place: Place) -> bool:
        return place.start + self._explainer.overlap.length == self._sequences[row].size


def _larger(one: NDArray[np.float64] | None, other: NDArray[np.float64]) -> NDArray[np.float64]:
    return other if one is None else np.where(np.abs(other) > np.abs(one), other, one)
