"""Whether the files of a bundle are those that its manifest is about, before any is read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from nucleotides.bundle.layout import MANIFEST, MOST_BYTES, ONNX
from nucleotides.errors import CorruptStoreError
from nucleotides.files import sha256

_NOT_READ = {ONNX}
"""By this package; its checksum is for whoever does. Copies of what is elsewhere are without it."""


def check_files(folder: Path, facts: dict[str, Any]) -> None:
    """Refuse a bundle in which anything is not as its manifest says.

    Hidden files (a file manager's, say) are passed over: nothing reads them.

    Raises:
        CorruptStoreError: a file is missing, not listed, a link or no file, larger than it can be,
            or not what was written; the message names it.
    """
    listed: dict[str, str] = facts["sha256"]
    found = {entry.name for entry in os.scandir(folder)}
    for name in sorted(found - listed.keys() - {MANIFEST}):
        if not name.startswith("."):
            raise CorruptStoreError(
                f"{folder / name} is not of the bundle, whose manifest does not list it: remove it"
            )
    for name, expected in listed.items():
        path = folder / name
        if name in _NOT_READ and name not in found:
            continue
        if name not in found:
            raise CorruptStoreError(f"{folder}: {name} is missing")
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise CorruptStoreError(f"{path} is a link or no file: a bundle holds files")
        if status.st_size > MOST_BYTES.get(name, status.st_size):
            raise CorruptStoreError(f"{path} is larger than such a file can be")
        if name not in _NOT_READ and sha256(path) != expected:
            raise CorruptStoreError(f"{path} is not what was written (checksum)")
