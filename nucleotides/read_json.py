"""Read JSON that may come from anyone: from a file and no pipe, of bounded size and depth."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from nucleotides.errors import CorruptStoreError

MOST_BYTES = 64_000_000
MOST_VALUES = 2_000_000
"""Room for the metrics of 40,000 tasks. An empty `{}` takes 64 bytes in memory and 3 in a file."""
DEEPEST = 100


def read_json(path: Path, most: int = MOST_BYTES) -> dict[str, Any]:
    """The object that a JSON file holds.

    Args:
        path: of the file, or a link to it.
        most: bytes that it may have; no more are read.

    Raises:
        OSError: it is not there, or cannot be read.
        CorruptStoreError: it is no file (a pipe, say), or as `decode_json`.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # of a pipe, to open it would wait
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise CorruptStoreError(f"{path} is damaged: no file")
        enough = min(status.st_size, most) + 1  # `read` makes room for all that it may find
        return decode_json(file.read(enough), str(path), most)


def decode_json(
    value: bytes, where: str, most: int = MOST_BYTES, values: int = MOST_VALUES
) -> dict[str, Any]:
    """The object that JSON stands for.

    Args:
        value: its bytes, UTF-8.
        where: what to call it in messages.
        most: bytes that it may have.
        values: numbers, words, lists and objects that it may have, about.

    Raises:
        CorruptStoreError: it has more bytes or values than it may have, is nested deeper than
            `DEEPEST`, or is no object.
    """
    if len(value) > most:
        raise CorruptStoreError(f"{where} is larger than such a file can be ({most:,} bytes)")
    if sum(map(value.count, (b"{", b"[", b","))) > values:
        raise CorruptStoreError(f"{where} has more values than such a file can have")
    try:
        content = json.loads(value)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise CorruptStoreError(f"{where} is damaged: not JSON")
    if _is_deep(content):
        raise CorruptStoreError(f"{where} is damaged: nested more than {DEEPEST} deep")
    return content


def _is_deep(content: Any) -> bool:
    """Whether it is nested deeper than `DEEPEST`, without recursion; scalars are not kept."""
    level = [content]
    for _ in range(DEEPEST):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
        if not level:
            return False
    return True
