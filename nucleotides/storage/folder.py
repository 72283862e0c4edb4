"""Values as files of a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from nucleotides.errors import OutOfSpaceError, UploadError
from nucleotides.files import replacing, sync
from nucleotides.hold import alone_in
from nucleotides.leftovers import remove_leftovers
from nucleotides.storage.storage import Stored, too_large


class Folder:
    """A storage in a folder, local or mounted; see `Storage`.

    A value is written under a temporary name, brought to the disk, and then renamed.

    Attributes:
        url: the folder's path.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.url = path, str(path)

    def get(self, key: str, most: int | None = None) -> bytes | None:
        """The file's bytes, or None if there is none.

        Raises:
            CorruptStoreError: they are more than `most`.
        """
        path = self.path / key
        try:
            with path.open("rb") as file:
                value = file.read() if most is None else file.read(most + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if most is not None and len(value) > most:
            raise too_large(str(path), most)
        return value

    def put(self, key: str, value: bytes) -> None:
        """Write or replace a file.

        Raises:
            UploadError: it cannot be written there.
            OutOfSpaceError: the disk is full.
        """
        path = self.path / key
        with _told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                temporary.write_bytes(value)
                sync(temporary)
            sync(path.parent)

    def list(self, folder: str) -> dict[str, Stored]:
        """The files in a folder; hidden ones are on their way."""
        found = {}
        with suppress(FileNotFoundError, NotADirectoryError):
            for entry in os.scandir(self.path / folder):
                if entry.name.startswith("."):
                    continue
                with suppress(FileNotFoundError):  # removed meanwhile
                    status = entry.stat()
                    time = datetime.fromtimestamp(status.st_mtime, UTC)
                    found[f"{folder}/{entry.name}"] = Stored(status.st_size, time)
        return found

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files."""
        for key in keys:
            with _told(self.path / key):
                (self.path / key).unlink(missing_ok=True)

    @contextmanager
    def alone(self, folders: Iterable[str], /) -> Iterator[None]:
        """Keep other writers out, and clear away what one of them left when it was killed.

        Args:
            folders: those of the keys that are written; what is in others is not looked at.

        Raises:
            BusyError: there is one.
            UploadError: the folder cannot be made.
        """
        with _told(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        with alone_in(self.path):
            for folder in ("", *folders):
                remove_leftovers(self.path / folder)
            yield


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OutOfSpaceError:
        raise
    except OSError as error:
        raise UploadError(
            f"{path} cannot be written: {error.strerror}. What is complete is kept"
        ) from error
