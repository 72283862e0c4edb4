"""Send a version to where it is served from: what differs, several pieces at once, pointer last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from nucleotides.deploy.collect import Source
from nucleotides.deploy.plan_upload import Plan, missing_pieces
from nucleotides.deployed.manifest import (
    FOLDERS,
    LATEST,
    PIECE,
    Pointer,
    digest,
    object_key,
    version_key,
)
from nucleotides.errors import InputError, StaleStoreError
from nucleotides.progress import Transfer
from nucleotides.storage import Storage

AT_ONCE = 8


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
    with storage.alone(FOLDERS):
        _send_pieces(storage, plan.jobs)
        storage.put(object_key(pointer.manifest), value)
        storage.put(version_key(pointer.name), pointer.encode())
        _send_pieces(storage, missing_pieces(storage, sources))  # one may have pruned meanwhile
        storage.put(LATEST, pointer.encode())
    return pointer


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
