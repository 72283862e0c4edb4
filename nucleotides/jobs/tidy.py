"""What need not stay on disk goes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from nucleotides.errors import BusyError
from nucleotides.hold import alone_in
from nucleotides.jobs.queue import Queue

_DAY = 86_400.0


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder; those that go meanwhile do not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except FileNotFoundError:
            continue
    return total


def remove_job(queue: Queue, name: str) -> None:
    """A job with its files, whatever its state; what a worker still holds goes at a later `tidy`.

    The row goes first, so that nobody is shown files that are not there.
    """
    queue.forget(name)
    _remove_folder(queue.folder_of(name))


def tidy(queue: Queue) -> None:
    """Remove what has ended too long ago, the oldest results beyond the bytes allowed, uploads that
    come no more, and folders that no job has."""
    folders = [path for path in queue.folder.iterdir() if path.is_dir()]
    known = {job.id: job for job in queue.jobs()}
    for path in folders:
        if path.name not in known or known[path.name].state == "cancelled":
            _remove_folder(path)
    for name in queue.late_arrivals():
        remove_job(queue, name)
    make_room(queue)


def make_room(queue: Queue, wanted: int = 0) -> bool:
    """Remove what is too old, and then the oldest that ended until `wanted` bytes more may come.

    Returns whether they may.
    """
    size, oldest = queue.size(), time.time() - queue.limits.days * _DAY
    ended = queue.jobs("done", "failed", "cancelled")
    for job in sorted(ended, key=lambda job: job.ended or 0.0):
        if size + wanted <= queue.limits.size and (job.ended or 0.0) > oldest:
            break
        remove_job(queue, job.id)
        size -= job.size
    return size + wanted <= queue.limits.size


def _remove_folder(folder: Path) -> None:
    """A folder that nobody works in."""
    if not folder.is_dir():
        return
    try:
        with alone_in(folder):
            shutil.rmtree(folder, ignore_errors=True)
    except BusyError:
        return
