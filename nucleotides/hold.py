"""One process at a time in a folder."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nucleotides.errors import BusyError
from nucleotides.progress import say

_NO_HOLDS = {errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK}


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder; the hold goes with the process, however it ends, and leaves no file.

    Some file systems of clusters know no such holds; there, nobody is kept out.

    Raises:
        BusyError: another process holds it.
    """
    with _open(folder) as handle:
        if not _hold(handle):
            raise BusyError(
                f"another process is writing to {folder}: wait for it, or use another folder"
            )
        yield


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """As `alone_in`, but wait for the other process, and say so."""
    with _open(folder) as handle:
        if not _hold(handle):
            say(f"waiting for another process that is writing to {folder}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _open(folder: Path) -> Iterator[int]:
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def _hold(handle: int) -> bool:
    """Whether it is held now, or cannot be by anybody."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_HOLDS:
            raise
    return True
