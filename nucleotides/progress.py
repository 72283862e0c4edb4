"""Progress of long work: a bar with rate and time left on a terminal, sparse lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

Item = TypeVar("Item")
_SECONDS_BETWEEN_LINES = 10.0


def say(text: str) -> None:
    """One line to the user, on standard error, so that standard output stays for results."""
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
    yield from (_bar if sys.stderr.isatty() else _lines)(items, what, total)


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
