"""Arrays in memory-mapped files: how much of them a process holds, and reading them instead.

Pages of a mapped file count as memory of each process that touched them, although they are the
system's cache. A mapping is the fastest way to few places, again and again. Where places lie all
over a large file, the process ends up holding all of it; reading leaves nothing behind.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nucleotides.errors import CorruptStoreError

_STATUS = Path("/proc/self/statm")

Array = np.ndarray[Any, np.dtype[Any]]


def mapped_bytes() -> int:
    """Bytes of files, libraries too, that this process holds in memory; 0 where nobody says."""
    try:
        with _STATUS.open("rb", buffering=0) as file:
            return int(file.read().split()[2]) * mmap.PAGESIZE
    except OSError:
        return 0


def let_go(arrays: Iterable[Array]) -> None:
    """Hand the pages of memory-mapped arrays back. Safe while others read them."""
    for array in arrays:
        owner: Any = array
        while isinstance(owner, np.ndarray):
            owner = owner.base
        if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            owner.madvise(mmap.MADV_DONTNEED)


class ArrayFile:
    """The file of a memory-mapped array, read from instead of looked into.

    Args:
        array: mapped, as `mapped_from` tells.
    """

    def __init__(self, array: Array) -> None:
        mapped = mapped_from(array)
        assert mapped is not None
        self.kind, self.offset = array.dtype, mapped.offset
        self._file = os.open(str(mapped.filename), os.O_RDONLY)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def read(self, firsts: Array, counts: Array, places: Array, out: Array) -> None:
        """Read `counts` elements from `firsts` on to `places` of `out`; each int64 (n,).

        Raises:
            CorruptStoreError: the file is shorter than it was.
        """
        assert out.dtype == self.kind
        missing = _reader()(
            self._file, self.offset, self.kind.itemsize, firsts, counts, places, out.ctypes.data
        )
        if missing:
            raise CorruptStoreError("a store's file is shorter than it was: make it again")


def mapped_from(array: Array) -> np.memmap[Any, np.dtype[Any]] | None:
    """The mapping that an array is all of, or None if it lies in memory."""
    owner: Any = array
    while isinstance(owner, np.ndarray) and not isinstance(owner, np.memmap):
        owner = owner.base
    return owner if isinstance(owner, np.memmap) else None


@cache
def _reader() -> Any:
    """The loop, compiled: it calls the C library's pread, and holds no lock."""
    import numba

    types: Any = numba.types
    number = types.int64
    pread = types.ExternalFunction("pread", number(types.int32, number, number, number))

    def loop(file, offset, size, firsts, counts, places, out):  # type: ignore[no-untyped-def]
        for i in range(firsts.size):
            at, to, left = offset + firsts[i] * size, out + places[i] * size, counts[i] * size
            while left > 0:
                got = pread(np.int32(file), to, left, at)
                if got <= 0:
                    return True
                at, to, left = at + got, to + got, left - got
        return False

    return numba.njit(cache=True, nogil=True)(loop)
