"""The jobs of a server in an SQLite database, which all its processes share.

A job is worked at by whoever claimed it last, shown by a token; a claim ends when no beat has come
for some seconds (a lease), or at once when the worker that takes the dead one's place says so.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from nucleotides.errors import NoSuchJobError, OverloadedError, StoreError
from nucleotides.hold import in_turn
from nucleotides.jobs.job import File, Job, Kind

_VERSION = 1
_BUSY = 20.0  # seconds to wait for another process that writes
_NAMES = tuple(field.name for field in fields(Job))
_TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, owner TEXT, kind TEXT, model TEXT, state TEXT, created REAL, started REAL,
    ended REAL, token TEXT, attempts INTEGER, version INTEGER, doing TEXT, done INTEGER,
    total INTEGER, size INTEGER, message TEXT, files TEXT, slot INTEGER, lease REAL
) STRICT;
CREATE INDEX IF NOT EXISTS by_state ON jobs (state, created);
"""
_NEXT = """
SELECT id FROM jobs AS one WHERE state = 'waiting' OR (state = 'running' AND lease < :now)
ORDER BY (SELECT count(*) FROM jobs WHERE state = 'running' AND owner = one.owner), created LIMIT 1
"""


@dataclass(frozen=True)
class Limits:
    """What a queue holds.

    Attributes:
        waiting: jobs that wait or arrive, at most.
        size: bytes of all jobs on disk; the oldest that ended go first.
        days: after which what has ended goes.
        lease: seconds after a worker's last beat in which nobody else takes its job.
        attempts: after so many workers that died of a job it has failed.
        hours: that a job may take, from its first beginning.
    """

    waiting: int = 100
    size: int = 10_000_000_000
    days: float = 7.0
    lease: float = 15.0
    attempts: int = 5
    hours: float = 24.0


class Queue:
    """Jobs in a folder: `jobs.sqlite`, and a folder a job.

    Every method opens the database for itself: any thread and process may call it.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder, limits

    @classmethod
    def open(cls, folder: Path, limits: Limits | None = None) -> Queue:
        """The queue in a folder, made if there is none; only its owner may read the folder.

        Raises:
            StoreError: the database is damaged or of another version; or the folder is remote.
            OSError: the folder cannot be written to.
        """
        if "://" in str(folder):
            raise StoreError(f"jobs need a folder of this machine, not {folder}: set JOBS_DIR")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        queue = cls(folder, limits or Limits())
        try:
            with in_turn(folder), queue._opened() as base:
                (version,) = base.execute("PRAGMA user_version").fetchone()
                if version not in (0, _VERSION):
                    raise StoreError(f"{folder} holds jobs of version {version}: use another")
                base.executescript(f"PRAGMA journal_mode = WAL; PRAGMA user_version = {_VERSION};")
                base.executescript(_TABLE)
        except sqlite3.Error as error:
            raise StoreError(f"the jobs in {folder} cannot be opened: {error}") from error
        return queue

    def folder_of(self, name: str) -> Path:
        """Where a job's files are."""
        return self.folder / name

    def begin(self, kind: Kind, model: str, owner: str) -> Job:
        """A job that arrives: it counts, and is not worked at before `submit`.

        Raises:
            OverloadedError: too many wait.
        """
        now = time.time()
        with self._writing() as base:
            (n,) = base.execute(
                "SELECT count(*) FROM jobs WHERE state IN ('arriving', 'waiting')"
            ).fetchone()
            if n >= self.limits.waiting:
                raise OverloadedError(f"{n:,} jobs wait already: submit it again later", 30)
            name = secrets.token_hex(16)
            base.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, 'arriving', ?, NULL, NULL, '', 0, 1, '', 0, "
                "NULL, 0, '', '[]', NULL, ?)",
                (name, owner, kind, model, now, now + self.limits.lease),
            )
        return self.get(name, owner)

    def arriving(self, name: str, size: int) -> None:
        """It still arrives; so many bytes of it are there."""
        self._set(name, "state = 'arriving'", size=size, lease=time.time() + self.limits.lease)

    def submit(self, name: str, size: int) -> None:
        """It is all there, and waits."""
        self._set(name, "state = 'arriving'", seen=True, state="waiting", size=size)

    def get(self, name: str, owner: str) -> Job:
        """A job of this owner's.

        Raises:
            NoSuchJobError: there is none.
        """
        with self._opened() as base:
            row = base.execute(
                f"SELECT {', '.join(_NAMES)} FROM jobs WHERE id = ? AND owner = ?", (name, owner)
            ).fetchone()
        if row is None:
            raise NoSuchJobError.named(name)
        return _job(row)

    def jobs(self, *states: str) -> list[Job]:
        """All jobs, or those in these states, the oldest first."""
        where = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        with self._opened() as base:
            rows = base.execute(
                f"SELECT {', '.join(_NAMES)} FROM jobs {where} ORDER BY created", states
            ).fetchall()
        return [_job(row) for row in rows]

    def claim(self, slot: int) -> Job | None:
        """The next job for the worker of a slot, or None; of who has least at work, the oldest."""
        now = time.time()
        with self._writing() as base:
            row = base.execute(_NEXT, {"now": now}).fetchone()
            if row is None:
                return None
            row = base.execute(
                "UPDATE jobs SET state = 'running', slot = ?, lease = ?, token = ?, "
                "started = coalesce(started, ?), attempts = attempts + 1, version = version + 1 "
                f"WHERE id = ? RETURNING {', '.join(_NAMES)}",
                (slot, now + self.limits.lease, secrets.token_hex(8), now, *row),
            ).fetchone()
        return _job(row)

    def beat(self, job: Job, doing: str, done: int, total: int | None, size: int) -> bool:
        """The worker lives, and is so far; whether the job is still its own."""
        until = time.time() + self.limits.lease
        far = (doing, done, total)
        with self._writing() as base:
            found = base.execute(
                "UPDATE jobs SET lease = ?, size = ?, doing = ?, done = ?, total = ?, "
                "version = version + (doing IS NOT ? OR done IS NOT ? OR total IS NOT ?) "
                "WHERE id = ? AND state = 'running' AND token = ?",
                (until, size, *far, *far, job.id, job.token),
            )
        return found.rowcount == 1

    def finish(self, job: Job, files: Iterable[File], size: int, message: str = "") -> None:
        """The worker has made the result."""
        told = json.dumps([list(file) for file in files])
        self._end(job, state="done", files=told, size=size, message=message)

    def fail(self, job: Job, message: str) -> None:
        """It cannot be done."""
        self._end(job, state="failed", message=message)

    def put_back(self, job: Job) -> None:
        """The worker cannot have it now, for another one has not let go; later somebody may."""
        later = time.time() + self.limits.lease
        self._set(job.id, "token = ?", job.token, lease=later, attempts=job.attempts - 1)

    def release(self, slot: int, *, told_to_stop: bool = False) -> None:
        """The worker of a slot is dead: what it was at waits again.

        Args:
            slot: whose lock the caller holds.
            told_to_stop: it was not the job that it died of.
        """
        with self._writing() as base:
            base.execute(
                "UPDATE jobs SET state = 'waiting', token = '', slot = NULL, "
                "attempts = attempts - ?, version = version + 1 "
                "WHERE state = 'running' AND slot = ?",
                (int(told_to_stop), slot),
            )

    def cancel(self, name: str) -> None:
        """It is not wanted any more; a worker that is at it notices at its next beat."""
        waits = "state IN ('arriving', 'waiting', 'running')"
        self._set(name, waits, seen=True, state="cancelled", ended=time.time(), token="")

    def forget(self, name: str) -> None:
        """There is no such job any more."""
        with self._writing() as base:
            base.execute("DELETE FROM jobs WHERE id = ?", (name,))

    def size(self) -> int:
        """Bytes of all jobs on disk."""
        with self._opened() as base:
            (size,) = base.execute("SELECT coalesce(sum(size), 0) FROM jobs").fetchone()
        return int(size)

    def late_arrivals(self) -> list[str]:
        """What began to arrive and comes no more."""
        with self._opened() as base:
            rows = base.execute(
                "SELECT id FROM jobs WHERE state = 'arriving' AND lease < ?", (time.time(),)
            )
            return [name for (name,) in rows]

    def _end(self, job: Job, **values: Any) -> None:
        mine = "state = 'running' AND token = ?"
        self._set(job.id, mine, job.token, seen=True, ended=time.time(), **values)

    def _set(self, name: str, where: str, *values: Any, seen: bool = False, **columns: Any) -> None:
        """Set columns of a job that meets a condition; others stay as they are."""
        text = ", ".join(f"{column} = ?" for column in columns)
        text += ", version = version + 1" if seen else ""
        with self._writing() as base:
            base.execute(
                f"UPDATE jobs SET {text} WHERE id = ? AND {where}",
                (*columns.values(), name, *values),
            )

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        base = sqlite3.connect(self.folder / "jobs.sqlite", timeout=_BUSY, isolation_level=None)
        try:
            yield base
        finally:
            base.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that nobody else writes in."""
        with self._opened() as base:
            base.execute("BEGIN IMMEDIATE")
            with base:
                yield base


def _job(row: tuple[Any, ...]) -> Job:
    columns = dict(zip(_NAMES, row, strict=True))
    return Job(**columns | {"files": tuple(File(*file) for file in json.loads(row[-1]))})
