"""Open the engine that is asked for, measured before it is trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nucleotides.api.engine import Codes, Engine, ModelEngine, Read, ReadingEngine
from nucleotides.api.engines.alone import TwoEngines
from nucleotides.api.engines.compiled import read_compiled
from nucleotides.api.engines.eager import read_eagerly
from nucleotides.api.engines.openvino import read_with_openvino
from nucleotides.api.engines.recorded import read_recorded
from nucleotides.api.measure_engine import (
    largest_error,
    quickest_batch,
    reads_alone_as_together,
    seconds_of_one,
)
from nucleotides.errors import SettingsError, UnknownNameError
from nucleotides.predict import Model

_FEW = 4
_READERS: dict[str, Callable[[Model, str, int], Read]] = {
    "nucleotides": read_recorded,
    "eager": read_eagerly,
    "compiled": read_compiled,
    "openvino": read_with_openvino,
}


@dataclass(frozen=True)
class Choice:
    """How a model is to be read.

    Attributes:
        engine: `nucleotides`, `eager`, `compiled` or `openvino`.
        precision: `float32` or `bfloat16`.
        exact: of `nucleotides` in float32: whether no bit of an answer may depend on who else asks.
        max_error: of probabilities, against float32, at most.
        batch_size: windows at once, at most.
    """

    engine: str = "nucleotides"
    precision: str = "float32"
    exact: bool = True
    max_error: float = 0.01
    batch_size: int = 32


def open_engine(model: Model, choice: Choice, windows: Codes | None = None) -> Engine:
    """The engine that is asked for.

    Args:
        model: the model.
        choice: which engine.
        windows: (n, length), on which it is compared with float32; random ones if None.

    Raises:
        UnknownNameError: no such engine.
        SettingsError: it cannot be used for this model, or errs by more than it may.
        MissingDependencyError: an extra is not installed.
    """
    if choice.engine not in _READERS:
        raise UnknownNameError("engine", choice.engine, _READERS)
    length, most = model.sequence_length, choice.batch_size
    exact = ModelEngine(model)
    if windows is None:
        windows = np.random.default_rng(0).integers(0, 4, (most, length), np.uint8)
    if choice.engine == "nucleotides" and choice.precision == "float32":
        exact.batch_size = quickest_batch(exact, length, most)
        exact.coalesces = not choice.exact or reads_alone_as_together(exact, length)
        return exact if choice.exact else _with_quicker(exact, model, windows)
    read = _READERS[choice.engine](model, choice.precision, most)
    engine = ReadingEngine(model, read, f"{choice.engine}, {choice.precision}")
    engine.error = largest_error(engine, exact, windows)
    if engine.error > choice.max_error:
        raise SettingsError(
            f"{engine.name}: probabilities are off by up to {engine.error:.2g} on {len(windows)} "
            f"windows, more than MAX_ERROR ({choice.max_error:g})"
        )
    engine.batch_size = (
        most if choice.engine == "compiled" else quickest_batch(engine, length, most)
    )
    return _with_quicker(engine, model, windows)


def _with_quicker(engine: Engine, model: Model, windows: Codes) -> Engine:
    """The engine; torch as it is for a window that comes alone, if that takes less time."""
    alone = ReadingEngine(model, read_eagerly(model, "float32", 1), "eager, float32")
    length = model.sequence_length
    if seconds_of_one(alone, length) >= seconds_of_one(engine, length):
        return engine
    alone.error = largest_error(alone, ModelEngine(model), windows[:_FEW])
    return TwoEngines(engine, alone)
