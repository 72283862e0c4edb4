"""Copies that nobody has asked for in a while leave the cache, and what only they needed."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nucleotides.deployed.check_paths import MANIFEST, POINTER
from nucleotides.deployed.fetch_files import begun
from nucleotides.deployed.manifest import Manifest
from nucleotides.errors import CorruptStoreError
from nucleotides.hold import in_turn
from nucleotides.leftovers import hide, remove_leftovers

KEPT = 7 * 24 * 3600.0
"""Seconds that a copy stays without being asked for. A server asks for its own every minute."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_COPY = re.compile(r"[0-9a-f]{64}(-[0-9a-f]{16})?")


def mark_used(copy: Path) -> None:
    """Keep a copy for another while; no matter if its file system is read-only."""
    with suppress(OSError):
        os.utime(copy / POINTER)


def tidy_cache(cache: Path, now: float | None = None) -> int:
    """Remove what has not been asked for since `KEPT` before now.

    A copy disappears at once. Files that are open, or mapped to memory, stay readable to who has
    them. Whatever `fetch_deployed` did not write is left alone.

    Args:
        cache: of `fetch_deployed`.
        now: seconds since the epoch, in place of the clock.

    Returns:
        The number of copies removed.
    """
    before = (time.time() if now is None else now) - KEPT
    with in_turn(cache / "versions"), in_turn(cache / "files"):
        remove_leftovers(cache / "versions")
        copies = list(_copies(cache))
        old = [copy for copy in copies if (copy / POINTER).stat().st_mtime < before]
        for copy in old:
            hidden = hide(copy)
            copy.rename(hidden)
            shutil.rmtree(hidden)
        with suppress(CorruptStoreError):  # then it is not known which files are needed
            needed = {name for copy in copies if copy not in old for name in _needed(copy)}
            for path in _files(cache):
                if path.name not in needed and path.stat().st_mtime < before:
                    path.unlink()
        for path in begun(cache):
            if path.stat().st_mtime < before:
                path.unlink()
    return len(old)


def _copies(cache: Path) -> Iterator[Path]:
    for copy in (cache / "versions").iterdir():
        if _COPY.fullmatch(copy.name) and (copy / POINTER).is_file():
            yield copy


def _needed(copy: Path) -> set[str]:
    path = copy / MANIFEST
    return {file.digest for file in Manifest.decode(path.read_bytes(), str(path)).files}


def _files(cache: Path) -> Iterator[Path]:
    return (path for path in (cache / "files").iterdir() if _DIGEST.fullmatch(path.name))
