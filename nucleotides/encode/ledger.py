"""What is known of downloaded files, so that they need not be read again to be trusted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

_NAME = "downloads.jsonl"


@dataclass(frozen=True, slots=True)
class _Entry:
    size: int
    mtime_ns: int
    md5: str


class Ledger:
    """Name, size, time of change and MD5 of the files of a folder, a line each, only added to.

    A line that a killed process left half-written is passed over.
    """

    def __init__(self, folder: Path) -> None:
        self._path, self._folder = folder / _NAME, folder
        self._entries: dict[str, _Entry] = {}
        for line in self._lines():
            try:
                entry = json.loads(line)
                name = entry.pop("name")
                self._entries[name] = _Entry(**entry)
            except (ValueError, TypeError, KeyError, AttributeError):
                continue

    def _lines(self) -> list[str]:
        exists = self._path.exists()
        return self._path.read_text(errors="replace").splitlines() if exists else []

    def md5(self, name: str) -> str | None:
        """MD5 of a file as it is now, or None if there is no such file.

        Of a file whose size and time of change are as noted, the noted one.
        """
        path = self._folder / name
        if not path.is_file():
            return None
        status, known = path.stat(), self._entries.get(name)
        if known and (known.size, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
            return known.md5
        with path.open("rb") as file:
            md5 = hashlib.file_digest(file, "md5").hexdigest()
        self.note(name, md5)
        return md5

    def note(self, name: str, md5: str) -> None:
        """Add what was found out of a file."""
        status = (self._folder / name).stat()
        entry = _Entry(status.st_size, status.st_mtime_ns, md5)
        self._entries[name] = entry
        line = json.dumps(
            {"name": name, "size": entry.size, "mtime_ns": entry.mtime_ns, "md5": md5}
        )
        with self._path.open("a") as file:
            file.write(f"\n{line}\n" if self._torn() else f"{line}\n")

    def _torn(self) -> bool:
        """Whether the last line has no end."""
        if not self._path.exists() or not self._path.stat().st_size:
            return False
        with self._path.open("rb") as file:
            file.seek(-1, 2)
            return file.read() != b"\n"
