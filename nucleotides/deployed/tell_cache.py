"""What goes wrong with the cache's disk, in the user's terms."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nucleotides.errors import OutOfSpaceError, SettingsError

_IN_THE_WAY = (errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENOENT, errno.ENOTEMPTY)
"""A file in place of a folder or the other way round, or a place where no folder can be made."""


@contextmanager
def cache_told(cache: Path) -> Iterator[None]:
    """Errors of the cache's disk, with the setting that leads to another.

    Raises:
        OutOfSpaceError: it is full.
        SettingsError: the cache cannot be written, or something else is in its place.
    """
    try:
        yield
    except OSError as error:
        where = Path(os.fsdecode(error.filename)) if error.filename else None
        ours = where and (where.is_relative_to(cache) or cache.is_relative_to(where))
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
        if ours and error.errno in _IN_THE_WAY:
            raise SettingsError(
                f"CACHE_DIR is {cache}, where no cache can be as it is ({error.strerror}: "
                f"{where}): move away what is there, or set CACHE_DIR to another folder"
            ) from error
        raise
