"""Read a folder that may be replaced meanwhile: all of the old one, or all of the new one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from nucleotides.errors import StoreError
from nucleotides.leftovers import moved_away

_TRIES, _WAIT = 50, 0.02

T = TypeVar("T")


def read_whole(folder: Path, read: Callable[[], T]) -> T:
    """What `read` makes of a folder, read again whenever another folder took its place meanwhile.

    Args:
        folder: as `files.replacing` writes them.
        read: reads files of it by their paths; what it raises is raised.

    Raises:
        StoreError: it was replaced each of many times, or that was stopped half-way.
    """
    for _ in range(_TRIES):
        with _watched(folder) as is_still_there:
            try:
                found = read()
            except Exception:
                if is_still_there():
                    raise
            else:
                if is_still_there():
                    return found
    if old := moved_away(folder):
        raise StoreError(
            f"{folder} was being replaced when that was stopped; what it was is {old}. Run the "
            "command again that was stopped, which mends it"
        )
    raise StoreError(f"{folder} was replaced while it was read, {_TRIES} times: try again later")


@contextmanager
def _watched(folder: Path) -> Iterator[Callable[[], bool]]:
    """Tell whether what was there at first still is.

    The folder is held open, so that its number (inode) is not given to another one.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        yield lambda: _is_none(folder)
        return
    except OSError:  # no folder, or none that may be listed
        yield lambda: True
        return
    try:
        yield lambda: _is_at(folder, handle)
    finally:
        os.close(handle)


def _is_at(folder: Path, handle: int) -> bool:
    try:
        return os.path.samestat(folder.stat(), os.fstat(handle))
    except OSError:
        return False


def _is_none(folder: Path) -> bool:
    """Whether there is no such folder, and none is on its way; if one is, wait a little."""
    if moved_away(folder):
        time.sleep(_WAIT)
        return False
    return not folder.exists()
