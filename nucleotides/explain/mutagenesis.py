"""In-silico saturation mutagenesis: what every possible change of a base does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.model.encoding import one_hot
from nucleotides.predict.choose_tasks import choose_tasks

if TYPE_CHECKING:
    from nucleotides.model.local import LocalEvaluator
    from nucleotides.predict import Model

Codes = NDArray[np.uint8]
Floats = NDArray[np.float32]

_WINDOWS, _CHANGES = 16, 512


def saturation_mutagenesis(
    model: Model,
    codes: NDArray[Any],
    tasks: Sequence[str] | None = None,
    *,
    precision: str = "float32",
) -> Floats:
    """By how much logits change when a base is exchanged, for every position and every base.

    Of the wild type all is computed once; of each mutant what its base can change (`model.local`),
    exactly. Networks for which that cannot be done are given all mutants as a whole.

    Args:
        model: any model.
        codes: uint8 (n, length), windows of the model's length; N allowed.
        tasks: names or patterns; by default all.
        precision: float32, or bfloat16 for convolutions and large layers (differences are computed
            as such).

    Returns:
        float32 (n, tasks, 4, length): logit of the mutant less that of the wild type, bases A C G
        T; 0 at the wild type's own.

    Raises:
        InputError: an array of another shape.
        UnknownNameError: a task that the model does not have.
    """
    windows = model.checked_codes(codes)
    columns = choose_tasks(tasks or (), list(model.tasks["task"]))
    out = np.zeros((len(windows), columns.size, 4, model.sequence_length), np.float32)
    evaluator = model.evaluator(precision)
    for begin in range(0, len(windows), _WINDOWS):
        some = slice(begin, begin + _WINDOWS)
        _mutate(model, evaluator, windows[some], columns, out[some])
    return out


class Mutants(NamedTuple):
    """Which window, which position, which base instead: int64 (k,) each."""

    window: NDArray[np.int64]
    position: NDArray[np.int64]
    base: NDArray[np.int64]


def list_mutants(windows: Codes) -> Mutants:
    """All single exchanges of windows (n, length), by position: four of an N, else three."""
    bases = np.arange(4)
    other = windows.T[:, :, None] != bases
    position, window, base = np.nonzero(other)
    return Mutants(window, position, base)


def _mutate(
    model: Model,
    evaluator: LocalEvaluator | None,
    windows: Codes,
    columns: NDArray[np.int64],
    out: Floats,
) -> None:
    mutants = list_mutants(windows)
    reading = evaluator and evaluator.read(one_hot(_tensor(windows, evaluator)))
    wild = None if evaluator else model.logits(windows)
    for i in range(0, mutants.window.size, _CHANGES):
        some = Mutants(*(part[i : i + _CHANGES] for part in mutants))
        if evaluator is None or reading is None:
            mutated = windows[some.window]
            mutated[np.arange(len(mutated)), some.position] = some.base
            found = model.logits(mutated) - wild[some.window]
        else:
            old = windows[some.window, some.position][:, None]
            new = some.base.astype(np.uint8)[:, None]
            delta = one_hot(_tensor(new, evaluator)) - one_hot(_tensor(old, evaluator))
            places = (torch.from_numpy(part).to(delta.device) for part in some[:2])
            found = evaluator.change(reading, *places, delta).float().cpu().numpy()
        out[some.window, :, some.base, some.position] = found[:, columns]


def _tensor(codes: Codes, evaluator: LocalEvaluator) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(codes)).to(evaluator.device)
