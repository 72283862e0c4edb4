"""Paths of a version's files, which may come from anyone."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

MANIFEST, POINTER = "deployment.json", "version.json"
"""What a copy has beside the version's files; the pointer's time is when it was last asked for."""

_LONGEST_PATH, _LONGEST_NAME = 1000, 240  # bytes


def check_paths(paths: Sequence[str]) -> None:
    """Whether files of these paths can lie in a folder: none outside, none in another's place.

    Raises:
        ValueError: they cannot, be it on a disk that does not tell A from a.
    """
    for path in paths:
        names = path.split("/")
        if not path.isprintable() or "\\" in path or any(one in ("", ".", "..") for one in names):
            raise ValueError(f"{path!r} is no path of a file")
        if len(path.encode()) > _LONGEST_PATH or any(
            len(one.encode()) > _LONGEST_NAME for one in names
        ):
            raise ValueError(f"{path!r} is too long")
    every = [unicodedata.normalize("NFC", path).casefold() for path in (MANIFEST, POINTER, *paths)]
    taken = {path[:at] for path in every for at, letter in enumerate(path) if letter == "/"}
    for path in every:
        if path in taken:
            raise ValueError(f"{path!r} is in the place of another")
        taken.add(path)
