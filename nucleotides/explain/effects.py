"""What edits of windows do to logits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nucleotides.choose_tasks import choose_tasks
from nucleotides.model.local import follow_windows

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]

_EDITED_AT_ONCE = 512


@dataclass(frozen=True)
class Effects:
    """Differences of logits, means over n repetitions.

    Attributes:
        mean: float64 (..., tasks).
        error: standard error of the mean, the same shape; NaN of a single repetition.
        n: repetitions.
        tasks: names of the tasks.
    """

    mean: Floats
    error: Floats
    n: int
    tasks: list[str]


def summarise(each: Floats, axis: int, tasks: list[str]) -> Effects:
    """Mean and standard error over repetitions, which lie along `axis`."""
    n = each.shape[axis]
    spread = each.std(axis, ddof=1) if n > 1 else np.full_like(each.mean(axis), np.nan)
    return Effects(each.mean(axis), spread / np.sqrt(n), n, tasks)


def chosen(model: Explained, tasks: Sequence[str] | None) -> tuple[NDArray[np.int64], list[str]]:
    """Columns and names of tasks by name or pattern; all by default."""
    names = list(model.tasks["task"])
    columns = choose_tasks(tasks or (), names)
    return columns, [names[c] for c in columns]


def effects_of_edits(
    model: Explained,
    windows: Codes,
    edit: Callable[[Codes], Codes],
    n_edits: int,
    columns: NDArray[np.int64],
) -> Floats:
    """By how much logits of edited windows differ from those of the windows.

    Where an edit spans few bases, what it can change is all that is computed (`model.local`).

    Args:
        model: any model.
        windows: (n, length).
        edit: of some windows (k, length), makes edited ones (k, n_edits, length).
        n_edits: edits of each window.
        columns: outputs wanted.

    Returns:
        float64 (n, n_edits, tasks).
    """
    out = np.empty((len(windows), n_edits, columns.size))
    step = max(1, _EDITED_AT_ONCE // max(n_edits, 1))
    for first in range(0, len(windows), step):
        rows = slice(first, first + step)
        some = windows[rows]
        out[rows] = _compare(model, some, edit(some), columns)
    return out


def _compare(model: Explained, windows: Codes, edited: Codes, columns: NDArray[np.int64]) -> Floats:
    """Differences (k, edits, tasks) of edited windows (k, edits, length)."""
    k, n_edits, length = edited.shape
    every = np.concatenate([windows, edited.reshape(-1, length)])
    base = np.concatenate([np.arange(k), np.repeat(np.arange(k), n_edits)])
    evaluator = model.evaluator()
    if evaluator is None:
        logits = model.logits(every)[:, columns].astype(np.float64)
        change = logits - logits[base]
    else:
        change = follow_windows(evaluator, every, base)[1][:, columns]
    return np.asarray(change[k:].reshape(k, n_edits, -1))
