"""What folders and object stores have in common: whole values by key, replaced at once."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nucleotides.errors import CorruptStoreError


@dataclass(frozen=True)
class Stored:
    """What a listing says of a value: its bytes, and when it was written."""

    size: int
    time: datetime


class Storage(Protocol):
    """Values by key; a key has the form `folder/name`. A reader sees a value whole or not at all.

    Every method may raise a SettingsError (credentials), a StoreError (no such bucket), and, after
    several tries, a DownloadError or an UploadError.
    """

    url: str

    def get(self, key: str, most: int | None = None) -> bytes | None:
        """The value, or None if there is none.

        Raises:
            CorruptStoreError: it has more bytes than `most`; no more than that are read.
        """

    def put(self, key: str, value: bytes) -> None:
        """Write or replace a value."""

    def list(self, folder: str) -> dict[str, Stored]:
        """The keys that begin with `folder/`."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove values; those not there are none the less gone."""

    def alone(self, folders: Iterable[str], /) -> AbstractContextManager[None]:
        """Keep other writers of keys in these folders out, where the storage can."""


def too_large(where: str, most: int) -> CorruptStoreError:
    """The error to raise for a value that has more bytes than it can have."""
    return CorruptStoreError(f"{where} is larger than it can be ({most:,} bytes)")
