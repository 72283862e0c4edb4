"""Batches made ahead by a thread, so that who takes them does not wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item], depth: int) -> Iterator[Item]:
    """The same items in the same order; up to `depth` of them are made before they are asked for.

    An error in `items` is raised at the place of the item it stands for. The thread ends with
    the iterator, also with one that is left early.
    """
    made: SimpleQueue[tuple[str, Item | BaseException | None]] = SimpleQueue()
    room, left = threading.Semaphore(depth), threading.Event()

    def work() -> None:
        try:
            while room.acquire() and not left.is_set():
                made.put(("item", next(items)))
        except StopIteration:
            made.put(("end", None))
        except BaseException as error:
            made.put(("error", error))

    thread = threading.Thread(target=work, name="batches ahead", daemon=True)
    thread.start()
    try:
        while True:
            kind, item = made.get()
            if kind == "end":
                return
            if isinstance(item, BaseException) and kind == "error":
                raise item
            room.release()
            yield item  # type: ignore[misc]
            del item
    finally:
        left.set()
        room.release()
        thread.join()
