"""A process that works off jobs, one after the other: `python -m nucleotides.jobs.worker`.

Its server tells it on standard input, in a line of JSON, where things are; when that input ends,
the server is gone and so is the worker. It may be killed at any moment: what it was at goes on
where it was.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nucleotides.errors import BusyError, NucleotidesError
from nucleotides.hold import alone_in
from nucleotides.jobs.do_job import UPLOAD, do_job
from nucleotides.jobs.job import Job
from nucleotides.jobs.queue import Limits, Queue
from nucleotides.jobs.shelf import Paths, Shelf
from nucleotides.jobs.tidy import make_room, size_of
from nucleotides.progress import LOG_LINE, heard_by, said_by

LOG = logging.getLogger("nucleotides.jobs")
_SECONDS = 0.25  # between looks at the queue
_BEAT = 0.5


def main() -> None:
    """Work until told to end."""
    told = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_server, daemon=True).start()
    os.nice(10)  # requests go first
    _log(told["level"])
    queue = Queue(Path(told["folder"]), Limits(**told["limits"]))
    shelf, slot = Shelf(Paths(**told["paths"])), told["slot"]
    queue.release(slot)
    while True:
        job = queue.claim(slot)
        if job is None:
            time.sleep(_SECONDS)
        else:
            work_at(job, queue, shelf)


def _log(level: int) -> None:
    """Lines as the server's, on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(LOG_LINE))
    LOG.addHandler(handler)
    LOG.setLevel(level)
    LOG.propagate = False


def work_at(job: Job, queue: Queue, shelf: Shelf) -> None:
    """Do a job, and note how it ended."""
    if job.attempts > queue.limits.attempts:
        queue.fail(job, f"{job.attempts - 1} processes died of it, perhaps for lack of memory")
        return
    folder = queue.folder_of(job.id)
    try:
        with alone_in(folder):
            with _beating(job, queue):
                made = do_job(job, folder, shelf)
            queue.finish(job, made.files, size_of(folder), _plain(made.message, folder))
        make_room(queue)
    except BusyError:
        queue.put_back(job)
    except NucleotidesError as error:
        queue.fail(job, _plain(str(error), folder))
    except Exception:
        LOG.exception("job %s failed", job.id)
        queue.fail(job, f"the server failed; its log has more at the id {job.id}")


@contextmanager
def _beating(job: Job, queue: Queue) -> Iterator[None]:
    """While the block lasts, say that the worker lives, and how far it is.

    The process ends when the job is its own no more: cancelled, or given to another.
    """
    far: dict[str, Any] = {"doing": "opening the model", "done": 0, "total": None}
    over = threading.Event()

    def listen(doing: str, done: int, total: int | None) -> None:
        far.update(doing=doing, done=done, total=total)

    def beat() -> None:
        try:
            size = size_of(queue.folder_of(job.id))
            if said := _exceeds(job, queue, size):
                queue.fail(job, said)
            if not queue.beat(job, **far, size=size):
                os._exit(0)
        except sqlite3.Error as error:  # a full disk, for one: later it may work again
            LOG.warning("job %s: %s", job.id, error)

    def beat_on() -> None:
        while not over.wait(_BEAT):
            beat()

    thread = threading.Thread(target=beat_on, daemon=True)
    thread.start()
    try:
        with heard_by(listen), said_by(lambda text: LOG.info("job %s: %s", job.id, text)):
            yield
    finally:
        over.set()
        thread.join()
    beat()


def _exceeds(job: Job, queue: Queue, size: int) -> str:
    """What a job takes too much of, in words, or ""."""
    limits = queue.limits
    if size > limits.size:
        return f"it takes more than the {limits.size:,} bytes that this server keeps for all jobs"
    if time.time() - (job.started or time.time()) > limits.hours * 3600:
        return f"it takes longer than the {limits.hours:g} h that this server gives a job"
    return ""


def _plain(message: str, folder: Path) -> str:
    """A message without the places of this machine, and without names that the user never saw."""
    return message.replace(str(folder / UPLOAD), "the upload").replace(f"{folder}/", "")


def _end_with_server() -> None:
    while sys.stdin.read(1):
        pass
    LOG.info("job worker: the server is gone; what it was at goes on when there is one again")
    os._exit(0)


if __name__ == "__main__":
    main()
