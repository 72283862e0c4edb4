"""How alike tasks are: by their labels, their predictions, or their weights.

Every similarity is float32 (tasks, tasks), symmetric, 1 on the diagonal and never NaN: a task of
which nothing is known (no positive, one prediction everywhere, no weight) is 0 to every other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.data.positions import Positions
from nucleotides.errors import InputError
from nucleotides.targets import TargetStore

Matrix = NDArray[np.float32]
_AT_ONCE = 4096  # labels as float32 in one product: 64 MB of 4,000 tasks


class LabelCounts(NamedTuple):
    """Bins seen, and those at which both of two tasks are positive: int64 (tasks, tasks)."""

    bins: int
    both: NDArray[np.int64]

    @property
    def positives(self) -> NDArray[np.int64]:
        """Bins at which each task is positive: int64 (tasks,)."""
        return np.diagonal(self.both)


def labels_at(targets: TargetStore, bins: Positions) -> Iterator[NDArray[np.uint8]]:
    """Labels of bins by the store's own rule, a few thousand at a time: uint8 (n, tasks)."""
    for low in range(0, bins.centres.size, _AT_ONCE):
        some = slice(low, low + _AT_ONCE)
        yield targets.labels_at(
            bins.contigs[some], bins.centres[some], targets.bin, targets.threshold
        )


def label_counts(chunks: Iterable[NDArray[Any]]) -> LabelCounts:
    """Count over chunks of labels of 0 and 1, each (n, tasks).

    Beside the counts, one product of float32 is held and a part of a chunk as float32.

    Raises:
        InputError: no chunk.
    """
    bins, both = 0, None
    for chunk in chunks:
        if both is None:
            both = np.zeros((chunk.shape[1],) * 2, np.int64)
        for low in range(0, len(chunk), _AT_ONCE):  # exact: no count of so few needs rounding
            part = chunk[low : low + _AT_ONCE].astype(np.float32)
            np.add(both, part.T @ part, out=both, casting="unsafe")
        bins += len(chunk)
    if both is None:
        raise InputError("no labels to compare the tasks by: give at least one bin")
    return LabelCounts(bins, both)


def jaccard(counts: LabelCounts) -> Matrix:
    """Bins at which both tasks are positive, of those at which either is (Jaccard 1901).

    Bins at which no task is positive change nothing.
    """
    p = counts.positives
    either = np.add.outer(p, p)
    either -= counts.both
    return _settled(counts.both / np.maximum(either, 1, out=either))


def phi(counts: LabelCounts) -> Matrix:
    """Pearson correlation of the labels, over the bins counted.

    Of bins at which some task is positive it is lower than of all: what no task has in common
    is not counted. `counts._replace(bins=...)` adds bins without any positive.
    """
    n, p = counts.bins, counts.positives.astype(np.float64)
    return _settled(_scaled(n * counts.both - np.outer(p, p), p * (n - p)))


class PredictionCorrelation:
    """Pearson correlation of the tasks' logits, over windows that come chunk by chunk.

    Logits are taken relative to the first chunk's mean, so that float32 products lose nothing
    to it; the products are added up as float64.
    """

    def __init__(self) -> None:
        self.windows = 0
        self._shift: Matrix
        self._sum: NDArray[np.float64]
        self._products: NDArray[np.float64]

    def update(self, chunk: NDArray[Any]) -> None:
        """Add logits (n, tasks)."""
        if not len(chunk):
            return
        if not self.windows:
            tasks = chunk.shape[1]
            self._shift = chunk.mean(0, dtype=np.float64).astype(np.float32)
            self._sum, self._products = np.zeros(tasks), np.zeros((tasks, tasks))
        relative = chunk.astype(np.float32) - self._shift
        self._sum += relative.sum(0, dtype=np.float64)
        self._products += relative.T @ relative
        self.windows += len(chunk)

    def result(self) -> Matrix:
        """The correlation of all windows so far.

        Raises:
            InputError: no window.
        """
        if not self.windows:
            raise InputError("no predictions to compare the tasks by: give at least one window")
        products = self._products - np.outer(self._sum, self._sum / self.windows)
        return _settled(_scaled(products, np.diagonal(products)))


def cosine(weights: NDArray[Any]) -> Matrix:
    """Cosine of the angles between the tasks' weights (tasks, features)."""
    weights = np.asarray(weights, np.float32)
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    directions = np.divide(weights, lengths, out=np.zeros_like(weights), where=lengths > 0)
    return _settled(directions @ directions.T)


def as_distance(similarity: Matrix) -> Matrix:
    """1 - similarity, from 0 (identical) over 1 (nothing in common) to 2 (opposite)."""
    distance: Matrix = np.clip(1 - similarity, 0, 2)
    return distance


def _scaled(products: NDArray[np.float64], squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Products by the roots of both tasks' squares; 0 where those are not above 0."""
    roots = np.sqrt(np.maximum(squares, 0))
    inverse = np.divide(1, roots, out=np.zeros_like(roots), where=roots > 0)
    return products * inverse[:, None] * inverse


def _settled(similarity: NDArray[Any]) -> Matrix:
    """Within -1 and 1, without NaN, and 1 on the diagonal."""
    out: Matrix = np.clip(np.nan_to_num(similarity), -1, 1).astype(np.float32)
    np.fill_diagonal(out, 1)
    return out
