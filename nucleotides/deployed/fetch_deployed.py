"""A deployed version as a local folder, every byte of which was checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nucleotides.deployed.check_paths import MANIFEST, POINTER
from nucleotides.deployed.fetch_files import fetch_files
from nucleotides.deployed.lay_out import is_whole, lay_out
from nucleotides.deployed.manifest import Manifest, Pointer, digest
from nucleotides.deployed.read_version import (
    find_latest,
    read_latest,
    read_manifest,
    read_pointer,
)
from nucleotides.deployed.remember_latest import recall, remember
from nucleotides.deployed.tell_cache import cache_told
from nucleotides.deployed.tidy_cache import mark_used, tidy_cache
from nucleotides.deployed.wanted import Wanted
from nucleotides.errors import (
    CorruptStoreError,
    DownloadError,
    InputError,
)
from nucleotides.hold import in_turn
from nucleotides.progress import say
from nucleotides.storage import Storage, open_storage


def fetch_deployed(
    deployed: str | Path | Storage,
    cache: Path,
    *,
    version: str | None = None,
    parts: Sequence[str] = (),
    without: Sequence[str] = (),
    endpoint: str | None = None,
) -> Path:
    """A verified local copy of a deployed version, laid out as TOP_DIR is.

    Only what the cache has not got is fetched, several pieces at once; every byte is compared with
    the manifest as it comes, and whenever a copy is asked for (1 s of a core a GB): what was
    damaged here is fetched again. Several processes may share a cache. Do not write to the copy.
    With a new copy, those go that nobody has asked for in seven days.

    While the store cannot be reached, the version is used that was the latest when it was last
    asked, if all of it is here; a line says so.

    Args:
        deployed: where `upload-model` sent it: a folder, s3://, gs://, az://, https://.
        cache: a folder of this machine.
        version: its name; the latest unless given.
        parts: paths below which files are wanted (`model`); all unless given.
        without: files that are not wanted.
        endpoint: of an S3 store that is not Amazon's.

    Returns:
        A folder that holds `model`, `data/genomes/ASSEMBLY.store` and whatever else was sent, and
        is the same for the same version and parts.

    Raises:
        StoreError: nothing is deployed there.
        UnknownNameError: there is no such version.
        InputError: it has no such part.
        CorruptStoreError: an object is missing or damaged; the message names it and the file.
        DownloadError: the store could not be read, and the cache has not got all of it.
        OutOfSpaceError, SettingsError: the cache has no room, or cannot be written.
    """
    storage = (
        open_storage(deployed, endpoint=endpoint) if isinstance(deployed, (str, Path)) else deployed
    )
    wanted = Wanted(tuple(parts), tuple(without))
    with cache_told(cache):
        if version:
            return _fetch(storage, read_pointer(storage, version), cache, wanted)
        try:
            pointer, copy = _fetch_latest(storage, cache, wanted)
        except DownloadError as error:
            known = _fetch_known(storage, cache, wanted, endpoint, error)
            if known is not None:
                return known
            raise
        remember(cache, storage.url, endpoint, pointer)
    return copy


def fetch_known(
    storage: Storage,
    cache: Path,
    *,
    parts: Sequence[str] = (),
    without: Sequence[str] = (),
    endpoint: str | None = None,
    why: Exception,
) -> Path | None:
    """A copy of what was the latest version when a store was last asked, or None.

    Args:
        storage, cache, parts, without, endpoint: as in `fetch_deployed`.
        why: the store is not asked now; said to the user.

    Raises:
        CorruptStoreError, DownloadError: the copy is damaged, and cannot be mended now.
    """
    return _fetch_known(storage, cache, Wanted(tuple(parts), tuple(without)), endpoint, why)


def _fetch_known(
    storage: Storage, cache: Path, wanted: Wanted, endpoint: str | None, why: Exception
) -> Path | None:
    pointer = recall(cache, storage.url, endpoint)
    if pointer is None:
        return None
    copy = _fetch(storage, pointer, cache, wanted)
    say(f"{why}\nuntil then: version {pointer.name}, the latest when {storage.url} last answered")
    return copy


def _fetch_latest(storage: Storage, cache: Path, wanted: Wanted) -> tuple[Pointer, Path]:
    pointer = read_latest(storage)
    try:
        return pointer, _fetch(storage, pointer, cache, wanted)
    except CorruptStoreError:
        newer = find_latest(storage)
        if newer in (None, pointer):
            raise
        return newer, _fetch(storage, newer, cache, wanted)  # the old one was removed meanwhile


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


def _fetch(storage: Storage, pointer: Pointer, cache: Path, wanted: Wanted) -> Path:
    whole = cache / "versions" / pointer.manifest
    copy = whole.with_name(whole.name + wanted.suffix)
    manifest = (
        _known_manifest(copy, pointer)
        or _known_manifest(whole, pointer)
        or read_manifest(storage, pointer)
    )
    files = wanted.choose(manifest)
    fetch_files(storage, files, cache)
    for one in (copy, whole):
        if is_whole(one, cache, files, pointer, wanted):
            mark_used(one)
            return one
    with in_turn(cache / "versions"):
        fetch_files(storage, files, cache, recheck=False)  # others may have tidied meanwhile
        if not is_whole(copy, cache, files, pointer, wanted):
            lay_out(copy, cache, files, manifest, pointer)
    tidy_cache(cache)
    return copy


def _known_manifest(copy: Path, pointer: Pointer) -> Manifest | None:
    """The manifest as it was read before, if its bytes still are what the pointer is about."""
    try:
        value = (copy / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    same = digest(value) == pointer.manifest
    return Manifest.decode(value, str(copy / MANIFEST)) if same else None
