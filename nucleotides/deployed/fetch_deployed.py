"""A deployed version as a local folder, every byte of which was checked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from nucleotides.deployed.fetch_files import cached, fetch_files
from nucleotides.deployed.manifest import File, Manifest, Pointer, digest
from nucleotides.deployed.read_version import (
    find_latest,
    read_latest,
    read_manifest,
    read_pointer,
)
from nucleotides.deployed.tidy_cache import MANIFEST, POINTER, mark_used, tidy_cache
from nucleotides.errors import CorruptStoreError, InputError
from nucleotides.files import replacing
from nucleotides.hold import in_turn
from nucleotides.storage import Storage, open_storage


def fetch_deployed(
    deployed: str | Path | Storage,
    cache: Path,
    *,
    version: str | None = None,
    parts: Sequence[str] = (),
    recheck: bool = False,
    endpoint: str | None = None,
) -> Path:
    """A verified local copy of a deployed version, laid out as TOP_DIR is.

    Only what the cache has not got is fetched, several pieces at once; every byte is compared with
    the manifest as it comes. Several processes may share a cache. Do not write to the copy. With a
    new copy, those go that nobody has asked for in seven days.

    Args:
        deployed: where `upload-model` sent it: a folder, s3://, gs://, az://, https://.
        cache: a folder of this machine.
        version: its name; the latest unless given.
        parts: paths below which files are wanted (`model`); all unless given.
        recheck: read again what the cache has, too.
        endpoint: of an S3 store that is not Amazon's.

    Returns:
        A folder that holds `model`, `data/genomes/ASSEMBLY.store` and whatever else was sent, and
        is the same for the same version and parts.

    Raises:
        StoreError: nothing is deployed there.
        UnknownNameError: there is no such version.
        InputError: it has no such part.
        CorruptStoreError: an object is missing or damaged; the message names it and the file.
        DownloadError: the store could not be read.
    """
    storage = (
        open_storage(deployed, endpoint=endpoint) if isinstance(deployed, (str, Path)) else deployed
    )
    pointer = read_pointer(storage, version) if version else read_latest(storage)
    try:
        return _fetch(storage, pointer, cache, parts, recheck)
    except CorruptStoreError:
        newer = None if version else find_latest(storage)
        if newer in (None, pointer):
            raise
        return _fetch(storage, newer, cache, parts, recheck)  # the old one was removed meanwhile


def has_changed(deployed: str | Path | Storage, copy: Path, *, endpoint: str | None = None) -> bool:
    """Whether the latest version is another one than a local copy: one small request.

    The copy counts as asked for.

    Args:
        deployed: as in `fetch_deployed`.
        copy: what `fetch_deployed` returned.

    Raises:
        StoreError, DownloadError: the store could not be asked; the copy is as good as before.
    """
    storage = (
        open_storage(deployed, endpoint=endpoint) if isinstance(deployed, (str, Path)) else deployed
    )
    mark_used(copy)
    return read_latest(storage) != version_of(copy)


def version_of(copy: Path) -> Pointer:
    """Which version a local copy is of.

    Raises:
        InputError: it is no copy that `fetch_deployed` made.
    """
    path = copy / POINTER
    if not path.is_file():
        raise InputError(f"{copy} is no copy of a deployed version")
    return Pointer.decode(path.read_bytes(), str(path))


def _fetch(
    storage: Storage, pointer: Pointer, cache: Path, parts: Sequence[str], recheck: bool
) -> Path:
    name = pointer.manifest
    if parts:
        name += f"-{digest(' '.join(sorted(parts)).encode())[:16]}"
    copy = cache / "versions" / name
    manifest = _known_manifest(copy, pointer) or read_manifest(storage, pointer)
    files = _choose(manifest, parts)
    fetch_files(storage, files, cache, recheck=recheck)
    mark_used(copy)
    if not _is_whole(copy, cache, files):
        with in_turn(cache / "versions"):
            fetch_files(storage, files, cache)  # others may have tidied meanwhile
            if not _is_whole(copy, cache, files):
                _lay_out(copy, cache, files, manifest, pointer)
        tidy_cache(cache)
    return copy


def _known_manifest(copy: Path, pointer: Pointer) -> Manifest | None:
    """The manifest as it was read before, if its bytes still are what the pointer is about."""
    try:
        value = (copy / MANIFEST).read_bytes()
    except FileNotFoundError:
        return None
    same = digest(value) == pointer.manifest
    return Manifest.decode(value, str(copy / MANIFEST)) if same else None


def _choose(manifest: Manifest, parts: Sequence[str]) -> list[File]:
    if not parts:
        return list(manifest.files)
    for part in parts:
        if not any(_is_below(file, part) for file in manifest.files):
            raise InputError(f"the deployed version {manifest.name} has no {part}")
    return [file for file in manifest.files if any(_is_below(file, part) for part in parts)]


def _is_below(file: File, part: str) -> bool:
    return file.path == part or file.path.startswith(f"{part}/")


def _is_whole(copy: Path, cache: Path, files: Sequence[File]) -> bool:
    """Whether the copy has every file, and they are the cache's."""
    if not (copy / POINTER).is_file():
        return False
    return all(
        (copy / file.path).is_file()
        and (copy / file.path).stat().st_size == file.size
        and _is_same(copy / file.path, cached(cache, file))
        for file in files
    )


def _is_same(path: Path, kept: Path) -> bool:
    """One file of two names; where there are no links, a copy as old as the other."""
    one, other = path.stat(), kept.stat()
    return os.path.samestat(one, other) or one.st_mtime_ns == other.st_mtime_ns


def _lay_out(
    copy: Path, cache: Path, files: Sequence[File], manifest: Manifest, pointer: Pointer
) -> None:
    """Give the cache's files their names, in a folder that is whole or not there."""
    with replacing(copy) as folder:
        folder.mkdir()
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.hardlink_to(cached(cache, file))
            except OSError:  # a file system without links
                shutil.copy2(cached(cache, file), path)
        (folder / MANIFEST).write_bytes(manifest.encode())
        (folder / POINTER).write_bytes(pointer.encode())
