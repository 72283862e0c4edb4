"""Whether there is room for what is to be moved to another file system, before any of it is."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from nucleotides.encode.words import as_bytes
from nucleotides.errors import OutOfSpaceError

_BLOCK = 4096


def check_space(moves: Iterable[tuple[Path, Path, int]], advice: str) -> None:
    """Refuse moves for which there is no room; on one file system they take none.

    Args:
        moves: (where a file is, where it is to be, its bytes).
        advice: how to get room, as the end of the message.

    Raises:
        OutOfSpaceError: a disk has less room than is to come to it.
    """
    wanted: dict[int, int] = {}
    disks: dict[int, Path] = {}
    for source, target, size in moves:
        if not os.path.lexists(source) or os.path.lexists(target):
            continue
        folder = next(parent for parent in target.parents if parent.exists())
        device = folder.stat().st_dev
        if source.lstat().st_dev != device:
            disks.setdefault(device, folder)
            wanted[device] = wanted.get(device, 0) + (size // _BLOCK + 1) * _BLOCK
    for device, size in wanted.items():
        free = shutil.disk_usage(disks[device]).free
        if size > free:
            raise OutOfSpaceError(
                f"{as_bytes(size)} are to go to the disk of {disks[device]}, which has "
                f"{as_bytes(free)} left. {advice}"
            )


def is_full(error: OSError) -> bool:
    """Whether a disk was full."""
    return isinstance(error, OutOfSpaceError) or error.errno == errno.ENOSPC
