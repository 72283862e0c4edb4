"""The workers of a server: as many as wanted among all processes that serve, and none twice.

Each of N slots is a lock on a file, which the worker itself holds: who lives in a slot has it, and
nobody else. Every serving process tries to fill the slots that are free.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from logging import getLogger

from nucleotides.jobs.queue import Queue
from nucleotides.jobs.shelf import Paths
from nucleotides.jobs.tidy import tidy

LOG = getLogger("nucleotides.api")
_SECONDS = 0.5  # between looks at the workers
_TIDY = 60  # looks between removals


class Workers:
    """Keeps workers alive from `start` to `stop`.

    Args:
        queue: whose jobs they do.
        paths: what they are to open.
        n: how many.
    """

    def __init__(self, queue: Queue, paths: Paths, n: int) -> None:
        self._queue, self._paths, self._n = queue, paths, n
        self._alive: dict[int, subprocess.Popen[str]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="job workers", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End this process's workers; what they were at waits, and goes on at the next start."""
        self._over.set()
        self._thread.join()
        for slot, worker in self._alive.items():
            worker.kill()
            worker.communicate()
            with _Lock(self._queue, slot) as lock:
                if lock.held:
                    self._queue.release(slot, told_to_stop=True)

    def renew(self, paths: Paths) -> None:
        """Let other workers, that open something else, take the place of this process's.

        What these were at goes on where it was, or begins anew if it depends on what has changed.
        """
        self._paths = paths
        for worker in list(self._alive.values()):
            worker.kill()

    @property
    def pids(self) -> list[int]:
        """Of the workers of this process that live."""
        return [worker.pid for worker in list(self._alive.values()) if worker.poll() is None]

    def _keep(self) -> None:
        looks = 0
        while not self._over.is_set():
            try:
                if looks % _TIDY == 0:
                    tidy(self._queue)
                for slot in range(self._n):
                    self._fill(slot)
            except Exception:
                LOG.exception("job workers could not be looked after; trying again")
            looks += 1
            self._over.wait(_SECONDS)

    def _fill(self, slot: int) -> None:
        worker = self._alive.get(slot)
        if worker is not None:
            if worker.poll() is None:
                return
            del self._alive[slot]
            worker.communicate()
            LOG.info("a job worker ended (%d); another takes its place", worker.returncode)
        with _Lock(self._queue, slot) as lock:
            if lock.held:
                self._alive[slot] = self._begin(slot, lock.handle)

    def _begin(self, slot: int, handle: int) -> subprocess.Popen[str]:
        """A worker that inherits the lock of its slot."""
        command = [sys.executable, "-m", "nucleotides.jobs.worker"]
        worker = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, pass_fds=[handle]
        )
        told = {
            "folder": str(self._queue.folder),
            "limits": asdict(self._queue.limits),
            "paths": asdict(self._paths),
            "slot": slot,
            "level": LOG.getEffectiveLevel(),
        }
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(told) + "\n")
        worker.stdin.flush()
        return worker


class _Lock:
    """The lock of a slot; who inherits its handle keeps it when the block has ended."""

    def __init__(self, queue: Queue, slot: int) -> None:
        self._path = queue.folder / f"worker{slot}.lock"

    def __enter__(self) -> _Lock:
        self.handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.held = True
        except BlockingIOError:
            self.held = False
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.handle)
