"""In-silico saturation mutagenesis: what every possible change of a base does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.choose_tasks import choose_tasks
from nucleotides.errors import InputError
from nucleotides.explain.check_windows import check_windows
from nucleotides.model.encoding import one_hot

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained
    from nucleotides.model.local import LocalEvaluator

Codes = NDArray[np.uint8]
Floats = NDArray[np.float32]

_WINDOWS, _CHANGES = 16, 512


def saturation_mutagenesis(
    model: Explained,
    codes: NDArray[Any],
    tasks: Sequence[str] | None = None,
    *,
    precision: str = "float32",
    positions: tuple[int, int] | None = None,
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
        positions: first and end (0-based, half-open) of those exchanged; by default all.

    Returns:
        float32 (n, tasks, 4, length): logit of the mutant less that of the wild type, bases A C G
        T; 0 at the wild type's own. Where `positions` are given, of these alone.

    Raises:
        InputError: an array of another shape, or positions beyond the windows.
        UnknownNameError: a task that the model does not have.
    """
    windows = check_windows(codes, model.sequence_length)
    columns = choose_tasks(tasks or (), list(model.tasks["task"]))
    first, end = _within(positions, model.sequence_length)
    out = np.zeros((len(windows), columns.size, 4, end - first), np.float32)
    evaluator = model.evaluator(precision)
    for begin in range(0, len(windows), _WINDOWS):
        some = slice(begin, begin + _WINDOWS)
        _mutate(model, evaluator, windows[some], columns, first, out[some])
    return out


class Mutants(NamedTuple):
    """Which window, which position, which base instead: int64 (k,) each."""

    window: NDArray[np.int64]
    position: NDArray[np.int64]
    base: NDArray[np.int64]


def list_mutants(windows: Codes, first: int = 0, end: int | None = None) -> Mutants:
    """All single exchanges of windows (n, length), by position: four of an N, else three."""
    bases = np.arange(4)
    other = windows[:, first:end].T[:, :, None] != bases
    position, window, base = np.nonzero(other)
    return Mutants(window, position + first, base)


def _mutate(
    model: Explained,
    evaluator: LocalEvaluator | None,
    windows: Codes,
    columns: NDArray[np.int64],
    first: int,
    out: Floats,
) -> None:
    """Fill `out` (n, tasks, 4, positions from `first`)."""
    mutants = list_mutants(windows, first, first + out.shape[-1])
    change = _reread(model, windows) if evaluator is None else _follow(evaluator, windows)
    device = "cpu" if evaluator is None else evaluator.device
    at_once = _CHANGES if evaluator is None else evaluator.changes_at_once
    tasks = torch.from_numpy(columns).to(device)
    found = torch.zeros(len(out), *out.shape[2:], len(columns), device=device)
    for i in range(0, mutants.window.size, at_once):
        some = Mutants(*(part[i : i + at_once] for part in mutants))
        rows = (torch.from_numpy(at) for at in (some.window, some.base, some.position - first))
        found[tuple(row.to(device) for row in rows)] = change(some).index_select(1, tasks)
    torch.from_numpy(out).copy_(found.movedim(-1, 1))


def _follow(evaluator: LocalEvaluator, windows: Codes) -> Callable[[Mutants], torch.Tensor]:
    """Differences by what a base can change."""
    reading = evaluator.read(_one_hot(windows, evaluator))

    def change(some: Mutants) -> torch.Tensor:
        old = windows[some.window, some.position][:, None]
        delta = _one_hot(some.base.astype(np.uint8)[:, None], evaluator) - _one_hot(old, evaluator)
        row, first = (torch.from_numpy(at).to(delta.device) for at in some[:2])
        return evaluator.change(reading, row, first, delta).float()

    return change


def _reread(model: Explained, windows: Codes) -> Callable[[Mutants], torch.Tensor]:
    """Differences by all of every mutant."""
    wild = model.logits(windows)

    def change(some: Mutants) -> torch.Tensor:
        mutated = windows[some.window]
        mutated[np.arange(len(mutated)), some.position] = some.base
        return torch.from_numpy(model.logits(mutated) - wild[some.window])

    return change


def _one_hot(codes: Codes, evaluator: LocalEvaluator) -> torch.Tensor:
    return one_hot(torch.from_numpy(np.ascontiguousarray(codes)).to(evaluator.device))


def _within(positions: tuple[int, int] | None, length: int) -> tuple[int, int]:
    first, end = positions or (0, length)
    if not 0 <= first < end <= length:
        raise InputError(f"positions {first} to {end} are not within a window of {length} bases")
    return first, end
