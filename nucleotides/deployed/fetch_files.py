"""Bring files of a version into a local cache, every piece checked against the manifest."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path

from nucleotides.deployed.manifest import PIECE, File, digest, object_key
from nucleotides.errors import CorruptStoreError, OutOfSpaceError
from nucleotides.files import out_of_space, sync
from nucleotides.hold import in_turn
from nucleotides.progress import Transfer
from nucleotides.storage import Storage

AT_ONCE = 8
"""Pieces on their way at the same time: 64 MB of memory, and the line is full."""


def cached(cache: Path, file: File) -> Path:
    """Where the cache keeps a file, by what is in it."""
    return cache / "files" / file.digest


def is_cached(cache: Path, file: File, *, recheck: bool = False) -> bool:
    """Whether the cache has a file; with `recheck` it is read and compared, else only its size."""
    path = cached(cache, file)
    try:
        if path.stat().st_size != file.size:
            return False
    except FileNotFoundError:
        return False
    return not recheck or _whole_pieces(path, file) == set(range(len(file.pieces)))


def fetch_files(
    storage: Storage, files: Iterable[File], cache: Path, *, recheck: bool = False
) -> None:
    """Bring into the cache what is not there of `files`.

    A file takes its name when it is whole; of one that was begun, the pieces that are right are
    kept. One process works at a time, others wait and find what it brought; where a file system
    knows no holds, several may work at once: they write the same bytes to the same places.

    Raises:
        CorruptStoreError: a piece is missing, or not what was written; the message names it.
        DownloadError: the store could not be read.
        OutOfSpaceError: the disk is full.
    """
    by_digest = {file.digest: file for file in files}
    if all(is_cached(cache, file, recheck=recheck) for file in by_digest.values()):
        return
    with in_turn(cache / "files"), _full_disk_told(cache):
        missing = [one for one in by_digest.values() if not is_cached(cache, one, recheck=recheck)]
        wanted = {file: _begin(cache, file) for file in missing}
        n_bytes = sum(file.piece_size(i) for file, indices in wanted.items() for i in indices)
        with Transfer("fetching", len(missing), n_bytes) as progress:
            jobs = ((file, index) for file, indices in wanted.items() for index in indices)
            _fetch_pieces(storage, jobs, cache, progress)
            for file in missing:
                _finish(cache, file)
                progress.finished()


def _part(cache: Path, file: File) -> Path:
    path = cached(cache, file)
    return path.with_name(f".{path.name}.part")


def _begin(cache: Path, file: File) -> list[int]:
    """Make room for a file, and say which of its pieces are not there."""
    part = _part(cache, file)
    cached(cache, file).unlink(missing_ok=True)  # a damaged one
    part.touch()
    there = _whole_pieces(part, file)
    os.truncate(part, file.size)
    return [index for index in range(len(file.pieces)) if index not in there]


def _whole_pieces(path: Path, file: File) -> set[int]:
    with path.open("rb") as stream:
        return {
            index
            for index, expected in enumerate(file.pieces)
            if digest(stream.read(PIECE)) == expected
        }


def _fetch_pieces(
    storage: Storage, jobs: Iterator[tuple[File, int]], cache: Path, progress: Transfer
) -> None:
    """Fetch pieces, some at once; the first that is not right ends it."""

    def fetch(file: File, index: int) -> int:
        value = fetch_piece(storage, file, index)
        with _part(cache, file).open("r+b") as stream:
            stream.seek(index * PIECE)
            stream.write(value)
        return len(value)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        running: set[Future[int]] = set()
        try:
            for job in jobs:
                running.add(pool.submit(fetch, *job))
                if len(running) >= AT_ONCE:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        progress.arrived(future.result())
            for future in running:
                progress.arrived(future.result())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def fetch_piece(storage: Storage, file: File, index: int) -> bytes:
    """A piece of a file, checked; one that is wrong may have been spoilt on its way: once more.

    Raises:
        CorruptStoreError: it is missing, or not what was written.
    """
    key = object_key(file.pieces[index])
    for _ in range(2):
        value = storage.get(key)
        if value is None:
            raise CorruptStoreError(f"{storage.url}: {file.path} is not whole: {key} is missing")
        if digest(value) == file.pieces[index]:
            return value
    raise CorruptStoreError(
        f"{storage.url}: {file.path} is not what was written (checksum of {key})"
    )


def _finish(cache: Path, file: File) -> None:
    part = _part(cache, file)
    with suppress(FileNotFoundError):  # another process was faster
        sync(part)
        part.rename(cached(cache, file))
        cached(cache, file).chmod(0o444)


@contextmanager
def _full_disk_told(cache: Path) -> Iterator[None]:
    try:
        yield
    except OutOfSpaceError:
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise out_of_space(cache) from error
        raise
