"""The journal of an archive: which file goes where, written before the first of them goes."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from nucleotides.errors import CorruptStoreError
from nucleotides.files import sync, write_json

FORMAT, VERSION = "nucleotides archive", 1
NAME, FILES = "journal.json", "files"
_STATES = ("moving", "whole", "restoring", "removing")

State = Literal["moving", "whole", "restoring", "removing"]


@dataclass(frozen=True)
class Entry:
    """A file of an archive.

    Attributes:
        path: where it was, and is put back to; absolute.
        kept_as: where it is in the archive, below its folder `files`.
        size, mtime_ns: what it was when the journal was written.
    """

    path: Path
    kept_as: str
    size: int
    mtime_ns: int

    def is_at(self, path: Path) -> bool:
        """Whether the very file, as it was, is at `path`."""
        if not os.path.lexists(path):
            return False
        status = path.lstat()
        return (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns)


@dataclass(frozen=True)
class Journal:
    """What an archive is to hold, and what is being done with it.

    Attributes:
        folder: of the archive.
        state: `moving` into it, `whole`, `restoring` from it, `removing` it.
        time: when it was begun, UTC, ISO 8601.
        entries: its files, in the order in which they go in; they come back in reverse.
        replaces: names of archives that go once this one is whole.
    """

    folder: Path
    state: State
    time: str
    entries: tuple[Entry, ...]
    replaces: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the archive: date and time."""
        return self.folder.name

    def kept(self, entry: Entry) -> Path:
        """Where an entry is in the archive."""
        return self.folder / FILES / entry.kept_as

    def write(self) -> None:
        """Have it on the disk."""
        entries = [asdict(one) | {"path": str(one.path)} for one in self.entries]
        content = {
            "format": FORMAT,
            "version": VERSION,
            "state": self.state,
            "time": self.time,
            "replaces": list(self.replaces),
            "files": entries,
        }
        write_json(self.folder / NAME, content)
        sync(self.folder / NAME)
        sync(self.folder)

    def become(self, state: State, entries: tuple[Entry, ...] | None = None) -> Journal:
        """The journal in another state, written."""
        new = replace(self, state=state, entries=self.entries if entries is None else entries)
        new.write()
        return new


def read_journal(folder: Path) -> Journal:
    """The journal of the archive `folder`.

    Raises:
        CorruptStoreError: it cannot be read as one, or leads out of the archive.
    """
    path = folder / NAME
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        if (content["format"], content["version"]) != (FORMAT, VERSION):
            raise ValueError
        if content["state"] not in _STATES:
            raise ValueError
        entries = tuple(_entry(one) for one in content["files"])
        return Journal(
            folder, content["state"], content["time"], entries, tuple(content["replaces"])
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CorruptStoreError(
            f"{path} is damaged, or of another version of nucleotides; the archived files are in "
            f"{folder / FILES}"
        ) from None


def _entry(fields: dict[str, Any]) -> Entry:
    entry = Entry(
        Path(fields["path"]), fields["kept_as"], int(fields["size"]), int(fields["mtime_ns"])
    )
    inside = Path(entry.kept_as)
    if inside.is_absolute() or ".." in inside.parts or not entry.path.is_absolute():
        raise ValueError
    return entry
