"""What computes predictions of windows."""

from __future__ import annotations

import time
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nucleotides.predict import Model

Codes = NDArray[np.uint8]
Scores = NDArray[np.float64]
_SIZES = 2, 3
_WORTH = 0.9


class Engine(Protocol):
    """Reads windows with one model. Called from one thread only.

    Attributes:
        name: what it is, and in which precision it computes.
        batch_size: windows that it should be given at once, at most.
        coalesces: whether what it says of a window does not depend, in any bit, on the windows that
            it is given with.
    """

    name: str
    batch_size: int
    coalesces: bool

    def scores(self, windows: Codes, recalibrated: bool) -> Scores:
        """Logits (n, tasks) whose probabilities are the predictions of windows (n, length).

        Raises:
            InputError: they are to be recalibrated, and the model has no calibration.
        """


class EagerEngine:
    """The model itself, as the Python API uses it."""

    name = "eager float32"

    def __init__(self, model: Model, most: int) -> None:
        self._model = model
        self.batch_size = quickest_batch(self, model.sequence_length, most)
        self.coalesces = reads_alone_as_together(self, model.sequence_length)

    def scores(self, windows: Codes, recalibrated: bool) -> Scores:
        """As `Engine.scores`: to the bit what the model's `predict` is made from."""
        return self._model._scores(windows, recalibrated)


def quickest_batch(engine: Engine, length: int, most: int) -> int:
    """Of 1, 2, 4... up to `most` windows, the fewest that are read at about the best rate.

    More at once is quicker where weights are many, and slower where values are: they no longer fit
    a processor's cache.
    """
    windows = np.random.default_rng(0).integers(0, 4, (most, length), np.uint8)
    engine.scores(windows[:1], False)
    rates: dict[int, float] = {}
    size = 1
    while size <= most:
        begin = time.perf_counter()
        engine.scores(windows[:size], False)
        rates[size] = size / (time.perf_counter() - begin)
        size *= 2
    best = max(rates.values())
    return min(size for size, rate in rates.items() if rate >= _WORTH * best)


def reads_alone_as_together(engine: Engine, length: int) -> bool:
    """Whether windows get the same bits alone, by a few, and in full batches, wherever there.

    Measured on random windows. A sum in another order differs in its last bits, which most windows
    show at once.
    """
    n = max(engine.batch_size, 12)
    windows = np.random.default_rng(0).integers(0, 5, (n, length), np.uint8)
    together = engine.scores(windows, False)
    some = windows[-12:]
    alone = np.concatenate([engine.scores(row[None], False) for row in some])
    by_few = [
        np.concatenate([engine.scores(some[i : i + size], False) for i in range(0, 12, size)])
        for size in _SIZES
    ]
    return all(np.array_equal(found, together[-12:]) for found in (alone, *by_few))
