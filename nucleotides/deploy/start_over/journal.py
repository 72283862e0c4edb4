"""The journal of an archive: which file goes where, written before the first of them goes."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from nucleotides.errors import CorruptStoreError, OutOfSpaceError
from nucleotides.files import sync, write_json
from nucleotides.read_json import read_json

FORMAT, VERSION = "nucleotides archive", 1
NAME, FILES, SPARE = "journal.json", "files", "spare"
_BLOCK = 4096
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

    def is_about(self, path: Path) -> bool:
        """As `is_at`, on file systems that keep times by two seconds, too."""
        status = path.lstat()
        return status.st_size == self.size and abs(status.st_mtime_ns - self.mtime_ns) < 2 * 10**9


@dataclass(frozen=True)
class Folder:
    """A folder that goes with its last file, and is to be again as it was.

    Attributes:
        path: absolute.
        kept_as: its path from TOP_DIR, or as that of an `Entry`.
        mode: its permissions.
        mtime_ns: when it was changed.
        uid, gid: its owner and group; -1 where they are not known.
    """

    path: Path
    kept_as: str
    mode: int
    mtime_ns: int
    uid: int = -1
    gid: int = -1


@dataclass(frozen=True)
class Journal:
    """What an archive is to hold, and what is being done with it.

    Attributes:
        folder: of the archive.
        state: `moving` into it, `whole`, `restoring` from it, `removing` it.
        time: when it was begun, UTC, ISO 8601.
        entries: its files, in the order in which they go in; they come back in reverse.
        replaces: names of archives that go once this one is whole.
        folders: those that go with their files.
    """

    folder: Path
    state: State
    time: str
    entries: tuple[Entry, ...]
    replaces: tuple[str, ...] = ()
    folders: tuple[Folder, ...] = ()

    @property
    def name(self) -> str:
        """Of the archive: date and time."""
        return self.folder.name

    def kept(self, entry: Entry) -> Path:
        """Where an entry is in the archive."""
        return self.folder / FILES / entry.kept_as

    def write(self) -> None:
        """Have it on the disk; where that is full, in the room that was kept for it.

        Raises:
            OutOfSpaceError: that is used up, too; the journal is as it was.
        """
        spare = self.folder / SPARE
        try:
            self._write()
        except OutOfSpaceError:
            if not spare.exists():
                raise
            spare.unlink()
            self._write()

    def keep_spare(self) -> None:
        """Keep room for the journal's next states, as a restored file frees none on a full disk."""
        size = (self.folder / NAME).stat().st_size
        (self.folder / SPARE).write_bytes(bytes(2 * _BLOCK + size))

    def _write(self) -> None:
        entries = [asdict(one) | {"path": str(one.path)} for one in self.entries]
        folders = [asdict(one) | {"path": str(one.path)} for one in self.folders]
        content = {
            "format": FORMAT,
            "version": VERSION,
            "state": self.state,
            "time": self.time,
            "replaces": list(self.replaces),
            "files": entries,
            "folders": folders,
        }
        write_json(self.folder / NAME, content)
        sync(self.folder / NAME)
        sync(self.folder)

    def become(self, state: State, entries: tuple[Entry, ...] | None = None) -> Journal:
        """The journal in another state, written."""
        new = replace(self, state=state, entries=self.entries if entries is None else entries)
        new.write()
        return new


def top_of(one: Entry | Folder) -> Path | None:
    """The TOP_DIR that a file or folder was below, as it is kept by its path from there."""
    inside = Path(one.kept_as).parts
    is_below = one.path.parts[-len(inside) :] == inside
    return Path(*one.path.parts[: -len(inside)]) if is_below else None


_Kept = TypeVar("_Kept", Entry, Folder)


def read_journal(folder: Path) -> Journal:
    """The journal of the archive `folder`.

    Raises:
        CorruptStoreError: it cannot be read as one, or leads out of the archive.
    """
    path = folder / NAME
    try:
        content: Any = read_json(path)
        if (content["format"], content["version"]) != (FORMAT, VERSION):
            raise ValueError
        if content["state"] not in _STATES:
            raise ValueError
        entries = tuple(_entry(one) for one in content["files"])
        folders = tuple(_folder(one) for one in content.get("folders", ()))
        replaces = tuple(map(str, content["replaces"]))
        return Journal(folder, content["state"], str(content["time"]), entries, replaces, folders)
    except (CorruptStoreError, ValueError, KeyError, TypeError, AttributeError):
        raise CorruptStoreError(
            f"{path} is damaged, or of another version of nucleotides; the archived files are in "
            f"{folder / FILES}"
        ) from None


def _entry(fields: dict[str, Any]) -> Entry:
    entry = Entry(
        Path(fields["path"]), fields["kept_as"], int(fields["size"]), int(fields["mtime_ns"])
    )
    return _checked(entry)


def _folder(fields: dict[str, Any]) -> Folder:
    mode, mtime_ns = int(fields["mode"]), int(fields["mtime_ns"])
    owner = int(fields.get("uid", -1)), int(fields.get("gid", -1))
    return _checked(Folder(Path(fields["path"]), fields["kept_as"], mode, mtime_ns, *owner))


def _checked(one: _Kept) -> _Kept:
    inside = Path(one.kept_as)
    if inside.is_absolute() or ".." in inside.parts or not one.path.is_absolute():
        raise ValueError
    return one
