"""Keep freed memory instead of handing it back to the kernel at every step.

A training step on the CPU frees temporaries of tens of megabytes, which glibc returns to the
kernel and asks for again at the next step; every page is then zeroed anew. With higher
thresholds (mallopt(3)) the process keeps them. Measured in benchmarks/allocator.py. What is kept
falls into pieces in time, between which larger ones find no room: long work hands it back now and
then.
"""

from __future__ import annotations

import ctypes
import platform

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEEP = 1 << 30


def keep_freed_memory() -> bool:
    """Raise glibc's thresholds for this process; call before the first tensor.

    Returns whether it was done: on other C libraries nothing happens.
    """
    if not _is_glibc():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all(mallopt(option, _KEEP) == 1 for option in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD))


def hand_back_freed_memory() -> bool:
    """Give the kernel all pages that hold nothing; whether there were any (malloc_trim(3))."""
    return _is_glibc() and bool(ctypes.CDLL(None).malloc_trim(0))


def _is_glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"
