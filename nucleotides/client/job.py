"""A job of the server, in the hands of who submitted it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from nucleotides.errors import NoResultError, ServiceError, TooLateError
from nucleotides.files import replacing
from nucleotides.schemas.jobs import JobStatus

if TYPE_CHECKING:
    from nucleotides.client.client import Client

_ENDED = ("done", "failed", "cancelled")
_AGAIN = 5  # times in a row that a stream may break without an event


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
        self.status = JobStatus.model_validate_json(self._client.send("GET", f"/jobs/{self.id}"))
        return self.status

    def events(self) -> Iterator[JobStatus]:
        """Its status with every change, until it has ended; a connection that breaks is made anew.

        Raises:
            ServiceError: the server is gone.
        """
        seen, failed = 0, 0
        while True:
            try:
                for status in self._stream(seen):
                    seen, failed, self.status = status.version, 0, status
                    yield status
                    if status.state in _ENDED:
                        return
                failed += 1
            except httpx2.HTTPError as error:
                failed += 1
                if failed > _AGAIN:
                    raise ServiceError(f"job {self.id}: {error or repr(error)}") from error
            if failed:
                if self._ended():
                    yield self.status
                    return
                time.sleep(min(0.2 * 2**failed, 5.0))

    def wait(self, timeout: float | None = None) -> JobStatus:
        """Its status once it has ended.

        Args:
            timeout: seconds, or None for any time.

        Raises:
            NoResultError: it failed or was cancelled; the message is the server's.
            TooLateError: it has not ended within `timeout`; it goes on.
        """
        until = None if timeout is None else time.monotonic() + timeout
        pause = 0.1
        while self.refresh().state not in _ENDED:
            left = pause if until is None else until - time.monotonic()
            if left <= 0:
                raise TooLateError(f"job {self.id} has not ended within {timeout:g} s; it goes on")
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, 5.0)
        if self.status.state != "done":
            raise NoResultError(f"job {self.id} is {self.status.state}: {self.status.message}")
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

    def _ended(self) -> bool:
        try:
            return self.refresh().state in _ENDED
        except ServiceError as error:
            if type(error) is not ServiceError:
                raise
            return False  # not there now: it may come back

    def _stream(self, seen: int) -> Iterator[JobStatus]:
        with self._client.stream(
            f"/jobs/{self.id}/events", {}, {"Last-Event-ID": str(seen)}
        ) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: ") and line != "data: {}":
                    yield JobStatus.model_validate(json.loads(line[6:]))
