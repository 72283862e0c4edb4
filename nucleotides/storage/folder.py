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
from nucleotides.storage.storage import Stored


class Folder:
    """A storage in a folder, local or mounted; see `Storage`.

    A value is written under a temporary name, brought to the disk, and then renamed.

    Attributes:
        url: the folder's path.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.url = path, str(path)

    def get(self, key: str) -> bytes | None:
        """The file's bytes, or None if there is none."""
        try:
            return (self.path / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

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
    def alone(self) -> Iterator[None]:
        """Keep other writers out.

        Raises:
            BusyError: there is one.
            UploadError: the folder cannot be made.
        """
        with _told(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        with alone_in(self.path):
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
