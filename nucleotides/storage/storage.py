"""What folders and object stores have in common: whole values by key, replaced at once."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


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

    def get(self, key: str) -> bytes | None:
        """The value, or None if there is none."""

    def put(self, key: str, value: bytes) -> None:
        """Write or replace a value."""

    def list(self, folder: str) -> dict[str, Stored]:
        """The keys that begin with `folder/`."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove values; those not there are none the less gone."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep other writers out, where the storage can."""
