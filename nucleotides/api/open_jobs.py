"""The jobs of a server: its queue, and its workers while it lives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nucleotides.api.config import Config
from nucleotides.api.notice_stop import noticing_stop
from nucleotides.jobs.keep_workers import Workers
from nucleotides.jobs.queue import Queue
from nucleotides.jobs.shelf import Paths


@dataclass(frozen=True)
class Jobs:
    """What routes of jobs use.

    Attributes:
        queue: the jobs.
        workers: the processes that work at them.
        stopping: set when the server was told to stop.
    """

    queue: Queue
    workers: Workers
    stopping: threading.Event


def open_jobs(config: Config) -> Queue | None:
    """The queue, or None where the server is to take no jobs.

    Raises:
        StoreError, OSError: see `Queue.open`.
    """
    if config.jobs is None or not config.job_workers:
        return None
    return Queue.open(config.jobs, config.job_limits)


def paths_of(config: Config) -> Paths:
    """What workers are to open."""
    models = {name: str(path) for name, path in config.models.items()}
    return Paths(models, str(config.genome) if config.genome else None, config.device)


@contextmanager
def working(queue: Queue, config: Config) -> Iterator[Jobs]:
    """Workers for a queue, while the block lasts."""
    workers = Workers(queue, paths_of(config), config.job_workers)
    with noticing_stop() as stopping:
        workers.start()
        try:
            yield Jobs(queue, workers, stopping)
        finally:
            workers.stop()
