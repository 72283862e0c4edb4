"""Pointers and manifests, read from a store and checked."""

from __future__ import annotations

from contextlib import suppress

from nucleotides.deployed.manifest import (
    LATEST,
    MOST_BYTES,
    VERSIONS,
    Manifest,
    Pointer,
    digest,
    object_key,
    version_key,
)
from nucleotides.errors import CorruptStoreError, NucleotidesError, StoreError, UnknownNameError
from nucleotides.storage import Storage, is_web

CURE = (
    "`nucleotides upload-model --repair` sends all of a model again, `nucleotides deployed "
    "roll-back NAME` goes to another version"
)
"""What to do about an object that is damaged; to be read after a full stop."""


def find_latest(storage: Storage) -> Pointer | None:
    """The latest version, or None where nothing is deployed.

    Raises:
        CorruptStoreError: the pointer is damaged.
    """
    try:
        value = storage.get(LATEST, MOST_BYTES["pointer"])
        return None if value is None else Pointer.decode(value, f"{storage.url}/{LATEST}")
    except CorruptStoreError as error:
        raise CorruptStoreError(f"{error}. {_how_to_mend(storage)}") from error


def _how_to_mend(storage: Storage) -> str:
    """What to do about a damaged pointer; versions are named if the store can list them."""
    if is_web(storage.url):
        return (
            "Is this the address of a deployment, open to all? Its pointer is mended at the store "
            "behind it: `nucleotides deployed roll-back NAME`"
        )
    how = "Name the version that it is to be: `nucleotides deployed roll-back NAME`"
    with suppress(NucleotidesError):
        return f"{how}; there are: {', '.join(list_names(storage)) or 'none'}"
    return how


def read_latest(storage: Storage) -> Pointer:
    """The latest version.

    Raises:
        StoreError: nothing is deployed there.
        CorruptStoreError: the pointer is damaged.
    """
    found = find_latest(storage)
    if found is None:
        raise StoreError(f"nothing is deployed at {storage.url}: `nucleotides upload-model` does")
    return found


def list_names(storage: Storage) -> list[str]:
    """Names of the versions that are there."""
    keys = storage.list(VERSIONS)
    return sorted(
        key.removeprefix(f"{VERSIONS}/").removesuffix(".json")
        for key in keys
        if key.endswith(".json")
    )


def find_pointer(storage: Storage, name: str) -> Pointer | None:
    """The pointer of a version, or None if there is none of this name.

    Raises:
        CorruptStoreError: it is damaged.
    """
    key = version_key(name)
    value = storage.get(key, MOST_BYTES["pointer"])
    if value is None:
        return None
    pointer = Pointer.decode(value, f"{storage.url}/{key}")
    if pointer.name != name:
        raise CorruptStoreError(f"{storage.url}/{key} is damaged: it is of {pointer.name}")
    return pointer


def read_pointer(storage: Storage, name: str) -> Pointer:
    """The pointer of a version.

    Raises:
        UnknownNameError: there is none of this name.
    """
    found = find_pointer(storage, name)
    if found is None:
        names = [] if is_web(storage.url) else list_names(storage)
        raise UnknownNameError("version", name, names, f"at {storage.url}")
    return found


def read_manifest(storage: Storage, pointer: Pointer) -> Manifest:
    """The manifest that a pointer is about.

    Raises:
        CorruptStoreError: it is missing, or not what was written.
    """
    key = object_key(pointer.manifest)
    where = f"{storage.url}/{key}"
    value = storage.get(key, MOST_BYTES["manifest"])
    if value is None:
        raise CorruptStoreError(f"{where}, the manifest of {pointer.name}, is missing. {CURE}")
    if digest(value) != pointer.manifest:
        raise CorruptStoreError(
            f"{where}, the manifest of {pointer.name}, is not what was written (checksum). {CURE}"
        )
    manifest = Manifest.decode(value, where)
    if manifest.name != pointer.name:
        raise CorruptStoreError(f"{where} is the manifest of {manifest.name}, not {pointer.name}")
    return manifest
