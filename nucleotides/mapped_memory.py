"""How much of memory-mapped files a process holds, and letting go of it.

Pages of a mapped file count as memory of each process that touched them, although they are the
system's cache. Letting go costs nothing but a look into that cache when a page is touched again.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

_STATUS = Path("/proc/self/statm")

Array = np.ndarray[Any, np.dtype[Any]]


def mapped_bytes() -> int:
    """Bytes of files, libraries too, that this process holds in memory; 0 where nobody says."""
    try:
        return int(_STATUS.read_text().split()[2]) * mmap.PAGESIZE
    except OSError:
        return 0


class MappedLimit:
    """Keeps what a process holds of files near a limit.

    Args:
        arrays: memory-mapped ones, of which pages may be let go; others are left alone.
        limit: bytes of files in memory from which on that is done.
    """

    def __init__(self, arrays: Iterable[Array], limit: int) -> None:
        self.limit = limit
        self._maps = [found for array in arrays if (found := _map_of(array)) is not None]

    def keep(self) -> None:
        """Let go of all pages if there are too many. Safe while others read the arrays."""
        if mapped_bytes() > self.limit and hasattr(mmap, "MADV_DONTNEED"):
            for each in self._maps:
                each.madvise(mmap.MADV_DONTNEED)


def _map_of(array: Array) -> mmap.mmap | None:
    owner: Any = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    return owner if isinstance(owner, mmap.mmap) else None
