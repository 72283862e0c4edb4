"""A job of the server, in the hands of who submitted it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nucleotides.client.failures import is_away, read
from nucleotides.errors import NoResultError, ServiceError, TooLateError
from nucleotides.files import replacing
from nucleotides.schemas.jobs import JobStatus

if TYPE_CHECKING:
    from nucleotides.client.client import Client

_ENDED = ("done", "failed", "cancelled")
_PAUSE = 0.3  # seconds until a stream that broke, or a server that is away, is tried again


class Job:
    """Long work of the server.

    Attributes:
        id: by which `Client.job` finds it again, from another process too.
        status: what was known when it was last asked for.
    """

    def __init__(self, client: Client, status: JobStatus) -> None:
        self._client, self.status, self.id = client, status, status.id

    def refresh(self) -> JobStatus:
        """How far it is now.

        Raises:
            NoSuchJobError: it was removed.
        """
        self.status = read(JobStatus, self._client.send("GET", f"/jobs/{self.id}"))
        return self.status

    def events(self) -> Iterator[JobStatus]:
        """Its status with every change, until it has ended; a connection that breaks is made anew.

        The server may be stopped meanwhile, and start again.

        Raises:
            NoSuchJobError: it was removed.
            ServiceError: the server is gone, for longer than `Client.patience`.
        """
        seen = 0
        while True:
            try:
                for status in self._stream(seen):
                    seen, self.status = status.version, status
                    yield status
                    if status.state in _ENDED:
                        return
            except ServiceError as error:
                if not is_away(error):
                    raise
            time.sleep(_PAUSE)
            if self._look().version > seen or self.status.state in _ENDED:
                seen = self.status.version
                yield self.status
                if self.status.state in _ENDED:
                    return

    def wait(self, timeout: float | None = None) -> JobStatus:
        """Its status once it has ended.

        Args:
            timeout: seconds, or None for any time.

        Raises:
            NoResultError: it failed or was cancelled; the message is the server's.
            TooLateError: it has not ended within `timeout`; it goes on.
            NoSuchJobError: it was removed.
            ServiceError: the server is gone, for longer than `Client.patience`, or for all that was
                left of `timeout`.
        """
        until = math.inf if timeout is None else time.monotonic() + timeout
        pause = 0.1
        while self._look(until).state not in _ENDED:
            left = until - time.monotonic()
            if left <= 0:
                raise TooLateError(f"job {self.id} has not ended within {timeout:g} s; it goes on")
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, 5.0)
        if self.status.state == "cancelled":
            raise NoResultError(f"job {self.id} was cancelled")
        if self.status.state == "failed":
            raise NoResultError(f"job {self.id} failed: {self.status.message}")
        return self.status

    def result(self, out: str | Path, file: str | None = None) -> Path:
        """Write its result to a file, whole or not at all; the path.

        Args:
            out: a path.
            file: one of `status.files`; by default the first, of several an archive of all.

        Raises:
            NoResultError: it has none, or none yet.
        """
        query = {"file": file} if file else {}
        with (
            replacing(Path(out)) as path,
            self._client.stream(f"/jobs/{self.id}/result", query) as answer,
            path.open("wb") as into,
        ):
            for piece in answer.iter_bytes(1 << 20):
                into.write(piece)
        return Path(out)

    def cancel(self) -> None:
        """Cancel it, or remove it if it has ended."""
        self._client.send("DELETE", f"/jobs/{self.id}")

    def _look(self, until: float = math.inf) -> JobStatus:
        """As `refresh`, of a server that may be away for a while, as while it is started again."""
        until, pause = min(until, time.monotonic() + self._client.patience), _PAUSE
        while True:
            try:
                return self.refresh()
            except ServiceError as error:
                if not is_away(error) or time.monotonic() + pause > until:
                    raise
            time.sleep(pause)
            pause = min(pause * 1.5, 5.0)

    def _stream(self, seen: int) -> Iterator[JobStatus]:
        with self._client.stream(
            f"/jobs/{self.id}/events", {}, {"Last-Event-ID": str(seen)}
        ) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: ") and line != "data: {}":
                    yield read(JobStatus, line[6:].encode())
