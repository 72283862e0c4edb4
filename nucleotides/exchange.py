"""Exchange two folders at once, so that there is one under either name at any moment."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


def exchange(one: Path, other: Path) -> bool:
    """Give two files or folders each other's name: rename(2), `renameat2` with RENAME_EXCHANGE.

    Returns:
        Whether it was done. Linux does it on ext4, XFS, Btrfs and tmpfs, among others, and not on
        NFS; other systems have no such call. Nothing has changed then.
    """
    try:
        rename = ctypes.CDLL(None).renameat2
    except AttributeError:  # no Linux, or one of before 2018
        return False
    done: int = rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    return done == 0
