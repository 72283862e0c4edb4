"""What was the latest version of a store when it was last asked, for when it cannot be."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from nucleotides.deployed.manifest import Pointer, digest
from nucleotides.errors import CorruptStoreError
from nucleotides.files import replacing


def remember(cache: Path, url: str, endpoint: str | None, pointer: Pointer) -> None:
    """Note it, in a cache that can be written."""
    path = _path(cache, url, endpoint)
    if recall(cache, url, endpoint) != pointer:
        with suppress(OSError), replacing(path) as temporary:
            temporary.write_bytes(pointer.encode())


def recall(cache: Path, url: str, endpoint: str | None) -> Pointer | None:
    """What was noted, or None."""
    path = _path(cache, url, endpoint)
    with suppress(OSError, CorruptStoreError):
        return Pointer.decode(path.read_bytes(), str(path))
    return None


def _path(cache: Path, url: str, endpoint: str | None) -> Path:
    place = f"{url.rstrip('/')} {endpoint or ''}"
    return cache / "latest" / f"{digest(place.encode())}.json"
