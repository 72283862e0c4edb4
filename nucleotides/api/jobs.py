"""Work for one model, request by request, and how a batch is shared among requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from nucleotides.api.engine import Codes, Scores

T = TypeVar("T")


@dataclass(eq=False)
class Job(Generic[T]):
    """Something to do for one request.

    Attributes:
        weight: windows that it takes, about.
        answer: what will be known.
        call: a function to run alone; None where windows are to be read.
        windows: codes (n, length).
        taken, read: of the windows, those given to the engine, and those that came back.
    """

    weight: int
    answer: asyncio.Future[T]
    call: Callable[[Job[T]], T] | None = None
    windows: Codes = field(default_factory=lambda: np.empty((0, 0), np.uint8))
    recalibrated: bool = False
    taken: int = 0
    read: int = 0
    scores: Scores | None = None

    @property
    def dropped(self) -> bool:
        """Whether nobody waits for the answer any more; may be asked from any thread."""
        return self.answer.cancelled()


class Piece(NamedTuple):
    """Some windows of a job."""

    job: Job[Any]
    first: int
    end: int


def share(jobs: Sequence[Job[Any]], room: int) -> list[Piece]:
    """The same number of windows of each job, and what room is left to the first ones."""
    fair = max(1, room // len(jobs))
    counts = [min(job.weight - job.taken, fair) for job in jobs[:room]]
    left = room - sum(counts)
    pieces = []
    for job, count in zip(jobs, counts, strict=False):
        more = min(job.weight - job.taken - count, left)
        left -= more
        pieces.append(Piece(job, job.taken, job.taken + count + more))
    return pieces
