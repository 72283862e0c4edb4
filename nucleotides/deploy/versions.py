"""Versions side by side: which there are, which is the latest, which are no longer needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nucleotides.deployed.fetch_files import fetch_piece
from nucleotides.deployed.manifest import (
    FOLDERS,
    LATEST,
    OBJECTS,
    Manifest,
    Pointer,
    object_key,
    version_key,
)
from nucleotides.deployed.read_version import (
    list_names,
    read_latest,
    read_manifest,
    read_pointer,
)
from nucleotides.errors import InputError
from nucleotides.progress import track
from nucleotides.storage import Storage

GRACE = timedelta(days=1)
"""Objects younger than this may belong to an upload that has not come to its end."""


@dataclass(frozen=True)
class Version:
    """A deployed version; `is_latest` says whether it is what readers get."""

    pointer: Pointer
    manifest: Manifest
    is_latest: bool


@dataclass(frozen=True)
class Pruned:
    """What was removed, or would be: versions, objects, and the bytes of these."""

    versions: tuple[str, ...]
    n_objects: int
    n_bytes: int


def list_versions(storage: Storage) -> list[Version]:
    """Every version, oldest first.

    Raises:
        StoreError: nothing is deployed there.
        CorruptStoreError: a pointer or manifest is damaged.
    """
    latest = read_latest(storage)
    pointers = [read_pointer(storage, name) for name in list_names(storage)]
    found = [Version(one, read_manifest(storage, one), one == latest) for one in pointers]
    return sorted(found, key=lambda one: (one.manifest.time, one.pointer.name))


def roll_back(storage: Storage, name: str | None = None) -> Pointer:
    """Make another version the latest: the one before it, or the one called `name`.

    Every version stays; rolling forward is the same with the newer one's name.

    Raises:
        UnknownNameError: there is no such version.
        InputError: there is none before the latest.
    """
    if name is None:
        versions = list_versions(storage)
        latest = next((i for i, one in enumerate(versions) if one.is_latest), 0)
        if not latest:
            raise InputError(f"{storage.url} has no version before the latest")
        name = versions[latest - 1].pointer.name
    pointer = read_pointer(storage, name)
    read_manifest(storage, pointer)
    with storage.alone(FOLDERS):
        storage.put(LATEST, pointer.encode())
    return pointer


def check_versions(storage: Storage, name: str | None = None) -> int:
    """Read back every piece of a version (of the latest unless named), and compare checksums.

    Returns:
        The bytes that were read.

    Raises:
        CorruptStoreError: one is missing or damaged; the message names it and its file.
    """
    pointer = read_pointer(storage, name) if name else read_latest(storage)
    manifest = read_manifest(storage, pointer)
    jobs = [(file, index) for file in manifest.files for index in range(len(file.pieces))]
    return sum(len(fetch_piece(storage, *job)) for job in track(jobs, "pieces read back"))


def prune(
    storage: Storage,
    keep: int,
    *,
    dry_run: bool = False,
    grace: timedelta = GRACE,
    now: datetime | None = None,
) -> Pruned:
    """Remove versions but the newest `keep` and the latest, then what no version needs.

    Versions go before their objects, so that no version is left that is not whole. Young objects
    stay, as an upload may be under way.

    Args:
        storage: where they are.
        keep: how many of the newest.
        dry_run: remove nothing.
        grace: objects younger than this stay.
        now: in place of the clock.

    Raises:
        StoreError: nothing is deployed there.
        CorruptStoreError: a manifest is damaged, so that it is not known what is needed.
    """
    read_latest(storage)  # where nothing is deployed, no folder is made
    with storage.alone(FOLDERS):
        versions = list_versions(storage)
        newest = versions[max(len(versions) - keep, 0) :]
        kept = [one for one in versions if one.is_latest or one in newest]
        gone = tuple(one.pointer.name for one in versions if one not in kept)
        needed = {object_key(one.pointer.manifest) for one in kept}
        needed |= {
            object_key(piece)
            for one in kept
            for file in one.manifest.files
            for piece in file.pieces
        }
        before = (now or datetime.now(UTC)) - grace
        loose = {
            key: one.size
            for key, one in storage.list(OBJECTS).items()
            if key not in needed and one.time < before
        }
        if not dry_run:
            storage.delete(version_key(name) for name in gone)
            storage.delete(loose)
    return Pruned(gone, len(loose), sum(loose.values()))
