"""Progress of long work: a bar with rate and time left on a terminal, sparse lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self, TypeVar

Item = TypeVar("Item")
Listener = Callable[[str, int, int | None], None]
"""Is told what is done, how many of it, and of how many, where that is known."""
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)
_SPEAKER: ContextVar[Callable[[str], None] | None] = ContextVar("speaker", default=None)
_SECONDS_BETWEEN_LINES = 10.0
LOG_LINE = "%(asctime)s %(levelname)s %(message)s"
"""A line of the server's log, or of its workers', as `logging` formats it."""


def say(text: str) -> None:
    """One line to the user, on standard error, so that standard output stays for results."""
    if speaker := _SPEAKER.get():
        speaker(text)
        return
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def track(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """Yield from `items` and show how far it is.

    Args:
        items: what is worked through.
        what: what is done, in a few words.
        total: their number, where `items` does not know it.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    listener = _LISTENER.get()
    if listener is not None:
        items = _told(items, what, total, listener)
    yield from (_bar if _on_terminal() else _lines)(items, what, total)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """While the block lasts, tell a listener too how far each `track` of this thread is."""
    before = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(before)


@contextmanager
def said_by(speaker: Callable[[str], None]) -> Iterator[None]:
    """While the block lasts, lines of this thread are handed to a speaker, and there is no bar."""
    before = _SPEAKER.set(speaker)
    try:
        yield
    finally:
        _SPEAKER.reset(before)


def _on_terminal() -> bool:
    return sys.stderr.isatty() and _SPEAKER.get() is None


def _told(
    items: Iterable[Item], what: str, total: int | None, listener: Listener
) -> Iterator[Item]:
    listener(what, 0, total)
    for done, item in enumerate(items, 1):
        yield item
        listener(what, done, total)


def _bar(items: Iterable[Item], what: str, total: int | None) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total, rate="")
        for item in items:
            yield item
            speed = bar.tasks[0].speed
            bar.update(task, advance=1, rate=f"{speed:,.1f}/s" if speed else "")


def _lines(items: Iterable[Item], what: str, total: int | None) -> Iterator[Item]:
    begin = last = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += 1
        now = time.monotonic()
        if now - last > _SECONDS_BETWEEN_LINES:
            last = now
            of = f"/{total:,}" if total else ""
            left = f", {(total - done) * (now - begin) / done:.0f} s left" if total else ""
            say(f"{what}: {done:,}{of}, {done / (now - begin):,.1f}/s{left}")
    say(f"{what}: {done:,} in {time.monotonic() - begin:.1f} s")


class Transfer:
    """Progress of a transfer: files, bytes, rate and time left.

    A bar on a terminal; elsewhere a line every ten seconds and one at the end.

    Attributes:
        fetched: bytes that came, thrown away ones too.
    """

    def __init__(
        self,
        what: str,
        n_files: int,
        n_bytes: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what, self._n_files, self._total, self._clock = what, n_files, n_bytes, clock
        self._files, self._bytes, self.fetched = 0, 0, 0
        self._begin = self._last = clock()
        self._bar: Any = None

    def __enter__(self) -> Self:
        if _on_terminal():
            self._bar = _transfer_bar()
            self._task = self._bar.add_task(self._what, total=self._total, files="")
            self._bar.start()
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if self._bar:
            self._bar.stop()
        if self._bytes or self._files:
            say(self.line(at_end=True))

    def arrived(self, n_bytes: int, *, new: bool = True) -> None:
        """So many bytes more are there; a negative number was thrown away."""
        self._bytes += n_bytes
        self.fetched += max(n_bytes, 0) if new else 0
        self._show()

    def finished(self) -> None:
        """One file more is done with."""
        self._files += 1
        self._show()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return self._clock() - self._begin

    def line(self, *, at_end: bool = False) -> str:
        """How far it is, in a line."""
        seconds = max(self.seconds, 1e-9)
        rate = self.fetched / seconds
        of = f"/{self._n_files:,} files" if not at_end else f" file{'s' * (self._files != 1)}"
        text = f"{self._what}: {self._files:,}{of}, {_as_bytes(self._bytes)}"
        if at_end:
            return f"{text}, {_as_bytes(rate)}/s, {seconds:.0f} s"
        text += f" of {_as_bytes(self._total)}" if self._total else ""
        left = (self._total - self._bytes) / rate if self._total and rate else None
        known = f", {max(left, 0):.0f} s left" if left is not None else ""
        return f"{text}, {_as_bytes(rate)}/s{known}"

    def _show(self) -> None:
        if self._bar:
            files = f"{self._files:,}/{self._n_files:,} files"
            self._bar.update(self._task, completed=self._bytes, files=files)
        elif self._clock() - self._last > _SECONDS_BETWEEN_LINES:
            self._last = self._clock()
            say(self.line())


def _transfer_bar() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[files]}"),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _as_bytes(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if round(number, 1) < 1000:
            return f"{number:,.1f} {unit}" if unit != "B" else f"{number:.0f} B"
        number /= 1000
    return f"{number:,.1f} TB"
