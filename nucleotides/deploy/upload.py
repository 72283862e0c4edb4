"""Send a version to where it is served from: what differs, several pieces at once, pointer last."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from nucleotides import __version__
from nucleotides.deploy.collect import Source
from nucleotides.deployed.manifest import (
    LATEST,
    OBJECTS,
    PIECE,
    Manifest,
    Pointer,
    digest,
    object_key,
    version_key,
)
from nucleotides.deployed.read_version import (
    find_latest,
    find_pointer,
    list_names,
    read_manifest,
)
from nucleotides.errors import CorruptStoreError, InputError, StaleStoreError
from nucleotides.progress import Transfer
from nucleotides.storage import Storage

AT_ONCE = 8
_COMPARED = 5  # versions that are looked at for the very same files


@dataclass(frozen=True)
class Plan:
    """What an upload is about to do.

    Attributes:
        manifest: of the version.
        jobs: (source, number of the piece) of everything that the store has not got.
        replaces: whether a version of this name, with other files, is there.
        is_latest: whether it is the latest already, with these very files.
    """

    manifest: Manifest
    jobs: tuple[tuple[Source, int], ...]
    replaces: bool
    is_latest: bool

    @property
    def n_bytes(self) -> int:
        """To be sent."""
        return sum(source.file.piece_size(index) for source, index in self.jobs)


def plan_upload(
    storage: Storage, sources: Sequence[Source], name: str | None = None, *, repair: bool = False
) -> Plan:
    """Find out what the store has not got; change nothing.

    Args:
        storage: where to.
        sources: the version's files.
        name: of the version; else date and time, or that of a version with the very same files.
        repair: whether every piece is sent, also what seems to be there.

    Raises:
        InputError: a name that no version can have.
        CorruptStoreError: `latest.json` is damaged: roll back to mend it.
    """
    files = tuple(source.file for source in sources)
    jobs = tuple(_missing(sources, {} if repair else _there(storage)))
    latest = find_latest(storage)
    names = [name] if name else _newest_first(storage, latest)
    same = _find_alike(storage, names[:_COMPARED], {file.path: file.digest for file in files})
    if same:
        pointer, manifest = same
        return Plan(manifest, jobs, False, pointer == latest)
    now = datetime.now(UTC)
    name = name or _free_name(f"{now:%Y-%m-%dT%H-%M-%SZ}", names)
    manifest = Manifest(name, f"{now:%Y-%m-%dT%H:%M:%SZ}", __version__, files)
    return Plan(manifest, jobs, find_pointer(storage, name) is not None, False)


def _newest_first(storage: Storage, latest: Pointer | None) -> list[str]:
    """Names of versions, in the order in which they are compared."""
    names = sorted(list_names(storage), reverse=True)
    return [latest.name, *(one for one in names if one != latest.name)] if latest else names


def _find_alike(
    storage: Storage, names: Sequence[str], contents: dict[str, str]
) -> tuple[Pointer, Manifest] | None:
    """A version with these very files; one that is damaged is none."""
    for name in names:
        with suppress(CorruptStoreError):
            pointer = find_pointer(storage, name)
            manifest = read_manifest(storage, pointer) if pointer else None
            if pointer and manifest and manifest.contents() == contents:
                return pointer, manifest
    return None


def upload(
    storage: Storage, sources: Sequence[Source], plan: Plan, *, overwrite: bool = False
) -> Pointer:
    """Send a version, and make it the latest.

    Pieces go first, then the manifest and the version, then `latest`, each replaced at once: a
    reader sees the old version or the new one. Killed at any moment and called again, it sends what
    is not yet there.

    Args:
        storage: where to.
        sources: the version's files.
        plan: of `plan_upload`.
        overwrite: whether a version of this name may be replaced.

    Raises:
        InputError: there is a version of this name, with other files.
        StaleStoreError: a file here has changed since the plan.
        UploadError, SettingsError, OutOfSpaceError: it could not be sent; what is there is kept.
        BusyError: another upload to the same folder.
    """
    manifest = plan.manifest
    if plan.replaces and not overwrite:
        raise InputError(
            f"{storage.url} has a version {manifest.name} with other files: give another name, or "
            "replace it with --overwrite"
        )
    value = manifest.encode()
    pointer = Pointer(manifest.name, digest(value))
    with storage.alone():
        _send_pieces(storage, plan.jobs)
        storage.put(object_key(pointer.manifest), value)
        storage.put(version_key(pointer.name), pointer.encode())
        lost = tuple(_missing(sources, _there(storage)))  # another process may have pruned
        _send_pieces(storage, lost)
        storage.put(LATEST, pointer.encode())
    return pointer


def _there(storage: Storage) -> dict[str, int]:
    return {key: one.size for key, one in storage.list(OBJECTS).items()}


def _missing(sources: Sequence[Source], there: dict[str, int]) -> Iterable[tuple[Source, int]]:
    """Pieces that are not there in full, each once."""
    seen: set[str] = set()
    for source in sources:
        for index, piece in enumerate(source.file.pieces):
            size = there.get(object_key(piece))
            if piece not in seen and size != source.file.piece_size(index):
                yield source, index
            seen.add(piece)


def _free_name(name: str, taken: Sequence[str]) -> str:
    names = (name if i == 1 else f"{name}-{i}" for i in itertools.count(1))
    return next(one for one in names if one not in taken)


def _send_pieces(storage: Storage, jobs: Sequence[tuple[Source, int]]) -> None:
    if not jobs:
        return
    n_bytes = sum(source.file.piece_size(index) for source, index in jobs)
    last = {source.file.path: index for source, index in jobs}
    with (
        Transfer("sending", len(last), n_bytes) as progress,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        running: set[Future[int]] = set()
        try:
            for source, index in jobs:
                if index == last[source.file.path]:
                    progress.finished()
                running.add(pool.submit(_send, storage, source, index))
                if len(running) >= AT_ONCE:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    _count(done, progress)
            _count(running, progress)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _count(done: Iterable[Future[int]], progress: Transfer) -> None:
    for future in done:
        progress.arrived(future.result())


def _send(storage: Storage, source: Source, index: int) -> int:
    with source.path.open("rb") as stream:
        stream.seek(index * PIECE)
        value = stream.read(PIECE)
    if digest(value) != source.file.pieces[index]:
        raise StaleStoreError(f"{source.path} has changed while it was sent: run it again")
    storage.put(object_key(source.file.pieces[index]), value)
    return len(value)
