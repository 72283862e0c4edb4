"""Contributions of bases to logits, and how well they add up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.progress import say

Codes = NDArray[np.uint8]
Floats = NDArray[np.float32]

_TOLERANCE = 0.01
"""Of a difference of logits, or of one logit where the difference is smaller."""


@dataclass(frozen=True)
class Attributions:
    """What each base contributes, and what each other base would in its place.

    Attributes:
        values: float32 (n, tasks, 4, length), bases A C G T: of the base that is there what it
            contributes, of the others what they would if nothing else changed (hypothetical
            contributions).
        codes: uint8 (n, length), the windows.
        tasks: names of the tasks, in the order of `values`.
        method: how the values were found.
        gap: float64 (n, tasks), by how much the contributions of a window's bases add up to more
            than the difference of its logit to that of the baseline; None of a method that
            promises no sum.
    """

    values: Floats
    codes: Codes
    tasks: list[str]
    method: str
    gap: NDArray[np.float64] | None = None

    def actual(self) -> Floats:
        """Contributions of the bases that are there, (n, tasks, length); of N, the mean of all."""
        return np.asarray(np.einsum("ntbl,nbl->ntl", self.values, bases_of(self.codes)))


def bases_of(codes: Codes) -> Floats:
    """One-hot float32 (n, 4, length) of codes (n, length); an N is 0.25 four times."""
    table = np.vstack([np.eye(4), np.full(4, 0.25)]).astype(np.float32)
    return np.ascontiguousarray(table[codes].transpose(0, 2, 1))


def with_gap(
    values: Floats, codes: Codes, tasks: list[str], method: str, change: NDArray[np.float64]
) -> Attributions:
    """Contributions that should add up to changes of logits (n, tasks), and whether they do.

    A line says so if they miss one by more than 1 % of it or 0.01, whichever is more.
    """
    total = np.einsum("ntbl,nbl->nt", values.astype(np.float64), bases_of(codes))
    gap = total - change
    off = np.abs(gap) > _TOLERANCE * np.maximum(np.abs(change), 1)
    found = _Missed(method, int(off.sum()), off.size, float(np.abs(gap).max(initial=0)))
    together = _TOGETHER.get()
    if together is None:
        _tell([found])
    else:
        together.append(found)
    return Attributions(values, codes, tasks, method, gap)


class _Missed(NamedTuple):
    """How many pairs of window and task miss their sum, of how many, and by how much at most."""

    method: str
    off: int
    of: int
    worst: float


_TOGETHER: ContextVar[list[_Missed] | None] = ContextVar("together", default=None)


@contextmanager
def told_together() -> Iterator[None]:
    """What is attributed in the block and does not add up is told in one line, at its end."""
    found: list[_Missed] = []
    before = _TOGETHER.set(found)
    try:
        yield
        _tell(found)
    finally:
        _TOGETHER.reset(before)


def _tell(found: list[_Missed]) -> None:
    off, of = sum(one.off for one in found), sum(one.of for one in found)
    if off:
        say(
            f"{found[0].method}: contributions do not add up to the difference of logits for "
            f"{off:,} of {of:,} pairs of window and task (off by up to "
            f"{max(one.worst for one in found):.2g}; see gap)"
        )
