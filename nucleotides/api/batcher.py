"""One model's work: requests of all clients, in batches, on a thread of its own.

While the model is idle, what comes is read at once. While it is busy, windows gather, and the next
batch takes the same share of every request that waits, or of those whose turn it is, so that small
ones do not stand behind large ones. Clients that ask again as soon as they are answered come
together: a batch that follows one of several requests waits for them a moment (a tenth of the time
that one took, at most `wait`); a lone client waits for nobody.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np

from nucleotides.api.engine import Codes, Engine, Scores
from nucleotides.api.jobs import Job, Piece, share
from nucleotides.api.measure import Meters
from nucleotides.errors import OverloadedError

T = TypeVar("T")
_LINGER = 0.1
_MEMORY = 0.8


class Batcher:
    """Gives work to an engine.

    Args:
        engine: what reads windows.
        thread: runs one thing after another; several models may share it.
        queue: windows that may wait, beside a first job of any size.
        wait: seconds that a batch waits for others, at most.
        meters: what is counted.
    """

    def __init__(
        self, engine: Engine, thread: Executor, queue: int, wait: float, meters: Meters
    ) -> None:
        self._engine, self._thread, self._meters = engine, thread, meters
        self._queue, self._wait = queue, wait
        self._jobs: list[Job[Any]] = []
        self._arrived = asyncio.Event()
        self._pace, self._last, self._seconds = 0.0, 1, 0.0
        self._loop: asyncio.Task[None] | None = None
        self._told = 0

    def start(self) -> None:
        """Begin to work, in the running event loop."""
        self._loop = asyncio.get_running_loop().create_task(self._work())

    async def stop(self) -> None:
        """End; what waits is given up."""
        if self._loop is not None:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop
        for job in self._jobs:
            job.answer.cancel()

    @property
    def working(self) -> bool:
        """Whether it has begun and not ended."""
        return self._loop is not None and not self._loop.done()

    @property
    def waiting(self) -> int:
        """Windows that wait."""
        return sum(job.weight - job.taken for job in self._jobs)

    async def scores(self, windows: Codes, recalibrated: bool) -> Scores:
        """As `Engine.scores`.

        Raises:
            OverloadedError: too much waits.
        """
        answer: asyncio.Future[Scores] = asyncio.get_running_loop().create_future()
        job = Job(len(windows), answer, windows=windows, recalibrated=recalibrated)
        return await self._submit(job)

    async def call(self, function: Callable[[Job[T]], T], weight: int) -> T:
        """What a function returns that has the model for itself; it may ask `job.dropped`.

        Raises:
            OverloadedError: too much waits.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        return await self._submit(Job(weight, answer, function))

    async def _submit(self, job: Job[T]) -> T:
        waiting = self.waiting
        if waiting and waiting + job.weight > self._queue:
            self._meters.refused.inc()
            seconds = math.ceil(waiting * self._pace) or 1
            raise OverloadedError(
                f"{waiting:,} windows wait already, of {self._queue:,} that may: ask again in "
                f"{seconds} s, or for less at once",
                seconds,
            )
        self._jobs.append(job)
        self._tell_waiting()
        self._arrived.set()
        try:
            return await job.answer
        finally:
            if job in self._jobs:
                self._jobs.remove(job)
                self._tell_waiting()

    def _tell_waiting(self) -> None:
        """By how much it has changed: another batcher may count on the same gauge."""
        waiting = self.waiting
        self._meters.waiting.inc(waiting - self._told)
        self._told = waiting

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._gather()
            pieces = self._take()
            self._tell_waiting()
            begin = time.perf_counter()
            try:
                found = await loop.run_in_executor(self._thread, self._compute, pieces)
            except Exception as error:
                for job in {piece.job for piece in pieces}:
                    self._fail(job, error)
            else:
                self._hand_out(pieces, found)
            self._note(pieces, time.perf_counter() - begin)

    async def _gather(self) -> None:
        """Wait until there is something, and a moment longer for those who are about to ask."""
        while not self._jobs:
            self._arrived.clear()
            await self._arrived.wait()
        if self._last < 2:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(min(self._wait, _LINGER * self._seconds)):
                while len(self._jobs) < self._last and self.waiting < self._engine.batch_size:
                    self._arrived.clear()
                    await self._arrived.wait()

    def _take(self) -> list[Piece]:
        """What the engine is to do next: a part of each job like the first, in order."""
        if not self._jobs:  # who asked has left meanwhile
            return []
        head = self._jobs[0]
        if head.call or not self._engine.coalesces:
            pieces = [Piece(head, 0, head.weight)]
        else:
            alike = [
                job for job in self._jobs if not job.call and job.recalibrated == head.recalibrated
            ]
            pieces = share(alike, self._engine.batch_size)
        for job, _, end in pieces:
            job.taken = end
            self._jobs.remove(job)
            if job.taken < job.weight:
                self._jobs.append(job)  # behind those that have not had their turn
        return pieces

    def _compute(self, pieces: list[Piece]) -> Any:
        """On the thread."""
        if not pieces:
            return None
        head = pieces[0].job
        if head.call:
            return None if head.dropped else head.call(head)
        windows = np.concatenate([job.windows[first:end] for job, first, end in pieces])
        return self._engine.scores(windows, head.recalibrated)

    def _hand_out(self, pieces: list[Piece], found: Any) -> None:
        at = 0
        for job, first, end in pieces:
            if job.call:
                self._answer(job, found)
                continue
            if job.scores is None:
                job.scores = np.empty((job.weight, found.shape[1]))
            job.scores[first:end] = found[at : at + end - first]
            at += end - first
            job.read += end - first
            if job.read == job.weight:
                self._answer(job, job.scores)

    def _answer(self, job: Job[Any], value: Any) -> None:
        if not job.answer.done():
            job.answer.set_result(value)

    def _fail(self, job: Job[Any], error: Exception) -> None:
        if not job.answer.done():
            job.answer.set_exception(error)

    def _note(self, pieces: list[Piece], seconds: float) -> None:
        """Keep in mind how long work takes, and count."""
        n = sum(end - first for _, first, end in pieces)
        if not n:
            return
        self._last, self._seconds = len({piece.job for piece in pieces}), seconds
        pace = seconds / n
        self._pace = _MEMORY * self._pace + (1 - _MEMORY) * pace if self._pace else pace
        if not pieces[0].job.call:
            self._meters.batches.observe(n)
        self._meters.seconds.observe(seconds)
