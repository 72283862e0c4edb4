"""What computes predictions of windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nucleotides.predict import Model

Codes = NDArray[np.uint8]
Logits = NDArray[np.float32]
Scores = NDArray[np.float64]
Read = Callable[[Codes], Logits]
"""Windows (n, length) to logits (n, tasks)."""


class Engine(Protocol):
    """Reads windows with one model. Called from one thread only.

    Attributes:
        name: what it is, and in which precision it computes.
        batch_size: windows that it should be given at once, at most.
        coalesces: whether it may be given windows of different requests at once.
        error: by how much its probabilities were seen to be off float32's, at most.
    """

    name: str
    batch_size: int
    coalesces: bool
    error: float

    def scores(self, windows: Codes, recalibrated: bool) -> Scores:
        """Logits (n, tasks) whose probabilities are the predictions of windows (n, length).

        Raises:
            InputError: they are to be recalibrated, and the model has no calibration.
        """


class ModelEngine:
    """The model as the Python API uses it; to the bit, if it is to be exact.

    Args:
        model: the model.
        batch_size: windows at once, at most.
        coalesces: as of `Engine`.
    """

    name, error = "nucleotides, float32", 0.0

    def __init__(self, model: Model, batch_size: int = 1, coalesces: bool = False) -> None:
        self._model = model
        self.batch_size, self.coalesces = batch_size, coalesces

    def scores(self, windows: Codes, recalibrated: bool) -> Scores:
        """As `Engine.scores`: what the model's `predict` is made from."""
        return self._model._scores(windows, recalibrated)


class ReadingEngine:
    """Another way to compute a model's logits.

    Args:
        model: gives the calibration.
        read: computes logits.
        name, batch_size, error: as of `Engine`.
    """

    coalesces = True

    def __init__(
        self, model: Model, read: Read, name: str, batch_size: int = 1, error: float = 0.0
    ) -> None:
        self._model, self._read = model, read
        self.name, self.batch_size, self.error = name, batch_size, error

    def scores(self, windows: Codes, recalibrated: bool) -> Scores:
        """As `Engine.scores`."""
        return self._model.calibrated(self._read(windows), recalibrated)
