"""What happens to a job, as server-sent events (HTML standard, 9.2)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from threading import Event

import anyio
from starlette.concurrency import run_in_threadpool

from nucleotides.api.tell_job import tell_job
from nucleotides.errors import NoSuchJobError
from nucleotides.jobs.job import Job
from nucleotides.jobs.queue import Queue

_LOOK = 0.25
_HEARTBEAT = 10.0
_LONGEST = 600.0
"""Seconds between looks, between comments that keep a connection open, and of a stream; a client
comes back after that, and says what it has seen."""


async def send_events(queue: Queue, job: Job, seen: int, stopping: Event) -> AsyncIterator[bytes]:
    """An event a change, until the job ends; each is all that is known, so that none is needed.

    Args:
        queue: that has the job.
        job: as it was just now.
        seen: the version that the client knows, 0 for none.
        stopping: the server ends.
    """
    yield b"retry: 1000\n\n"
    begin = spoke = time.monotonic()
    while True:
        if job.version > seen:
            seen, spoke = job.version, time.monotonic()
            name = job.state if job.has_ended else "progress"
            yield f"id: {seen}\nevent: {name}\ndata: {tell_job(job).model_dump_json()}\n\n".encode()
        if job.has_ended or stopping.is_set() or time.monotonic() - begin > _LONGEST:
            return
        if time.monotonic() - spoke > _HEARTBEAT:
            spoke = time.monotonic()
            yield b": still here\n\n"
        await anyio.sleep(_LOOK)
        with suppress(NoSuchJobError):
            job = await run_in_threadpool(queue.get, job.id, job.owner)
            continue
        yield b"event: removed\ndata: {}\n\n"
        return


async def wait_for_end(queue: Queue, job: Job, seconds: float, stopping: Event) -> Job:
    """The job once it has ended, or as it is when the time is up."""
    until = time.monotonic() + seconds
    while not job.has_ended and not stopping.is_set() and time.monotonic() < until:
        await anyio.sleep(_LOOK)
        job = await run_in_threadpool(queue.get, job.id, job.owner)
    return job
