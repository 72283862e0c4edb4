"""What goes wrong with the cache's disk, in the user's terms."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nucleotides.errors import OutOfSpaceError, SettingsError


@contextmanager
def cache_told(cache: Path) -> Iterator[None]:
    """Errors of the cache's disk, with the setting that leads to another.

    Raises:
        OutOfSpaceError: it is full.
        SettingsError: the cache cannot be written.
    """
    try:
        yield
    except OSError as error:
        ours = error.filename and Path(os.fsdecode(error.filename)).is_relative_to(cache)
        if errno.ENOSPC in (error.errno, getattr(error.__cause__, "errno", None)):
            raise OutOfSpaceError(
                f"the disk is full: {cache} could not be written. What is complete is kept; free "
                "some space, or move CACHE_DIR, then run the command again"
            ) from error
        if ours and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise SettingsError(
                f"{cache} has not got all that is wanted, and cannot be written ({error.strerror}: "
                f"{error.filename}): fill it with `nucleotides deployed fetch`, or move CACHE_DIR"
            ) from error
        raise
