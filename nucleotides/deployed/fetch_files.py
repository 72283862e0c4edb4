"""Bring files of a version into a local cache, every piece checked against the manifest."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from nucleotides.deployed.manifest import PIECE, File, digest, object_key
from nucleotides.deployed.read_version import CURE
from nucleotides.errors import CorruptStoreError, OutOfSpaceError
from nucleotides.files import sync
from nucleotides.hold import in_turn
from nucleotides.progress import Transfer
from nucleotides.storage import Storage

_PART = re.compile(r"\.[0-9a-f]{64}\.part")
AT_ONCE = 8
"""Pieces on their way at the same time: 64 MB of memory, and the line is full."""


def cached(cache: Path, file: File) -> Path:
    """Where the cache keeps a file, by what is in it."""
    return cache / "files" / file.digest


def is_right(path: Path, file: File) -> bool:
    """Whether there is a file, and every byte of it is what it should be."""
    return _has_size(path, file) and len(_whole_pieces(path, file)) == len(file.pieces)


def fetch_files(
    storage: Storage, files: Iterable[File], cache: Path, *, recheck: bool = True
) -> None:
    """Bring into the cache what of `files` is not there, or not as it should be.

    A file takes its name when it is whole; of one that was begun, the pieces that are right are
    kept. One process works at a time, others wait and find what it brought; where a file system
    knows no holds, several may work at once: they write the same bytes to the same places.

    Args:
        storage: where they come from.
        files: of a version.
        cache: where they go to.
        recheck: whether what is there is read and compared, 1 s of a core a GB; else its size is.

    Raises:
        CorruptStoreError: a piece is missing, or not what was written; the message names it.
        DownloadError: the store could not be read.
        OutOfSpaceError: there is no room for what is to come; nothing was written.
    """
    by_digest = {file.digest: file for file in files}
    missing = [one for one in by_digest.values() if not _is_there(cache, one, recheck)]
    if not missing:
        return
    with in_turn(cache / "files"):
        missing = [one for one in missing if not _is_there(cache, one, recheck)]
        wanted = {file: _missing_pieces(cache, file) for file in missing}
        n_bytes = sum(file.piece_size(i) for file, indices in wanted.items() for i in indices)
        _make_room(cache, n_bytes, missing)
        if missing:
            _fetch(storage, wanted, cache, Transfer("fetching", len(missing), n_bytes))


def _fetch(
    storage: Storage, wanted: dict[File, list[int]], cache: Path, transfer: Transfer
) -> None:
    for file in wanted:
        cached(cache, file).unlink(missing_ok=True)  # a damaged one
        part_of(cache, file).touch()
        os.truncate(part_of(cache, file), file.size)
    with transfer as progress:
        jobs = ((file, index) for file, indices in wanted.items() for index in indices)
        _fetch_pieces(storage, jobs, cache, progress)
        for file in wanted:
            _finish(cache, file)
            progress.finished()


def _is_there(cache: Path, file: File, recheck: bool) -> bool:
    path = cached(cache, file)
    return is_right(path, file) if recheck else _has_size(path, file)


def _has_size(path: Path, file: File) -> bool:
    return path.is_file() and path.stat().st_size == file.size


def part_of(cache: Path, file: File) -> Path:
    """Where a file of the cache is while it comes."""
    path = cached(cache, file)
    return path.with_name(f".{path.name}.part")


def begun(cache: Path) -> list[Path]:
    """Files of the cache that are on their way, or were when a process was killed."""
    return [path for path in (cache / "files").iterdir() if _PART.fullmatch(path.name)]


def _missing_pieces(cache: Path, file: File) -> list[int]:
    part = part_of(cache, file)
    there = _whole_pieces(part, file) if part.is_file() else set()
    return [index for index in range(len(file.pieces)) if index not in there]


def _whole_pieces(path: Path, file: File) -> set[int]:
    with path.open("rb") as stream:
        return {
            index
            for index, expected in enumerate(file.pieces)
            if digest(stream.read(PIECE)) == expected
        }


def _make_room(cache: Path, n_bytes: int, wanted: Iterable[File]) -> None:
    """Before anything is written; what is left of other files that were begun goes if it has to.

    Raises:
        OutOfSpaceError: there is not enough.
    """
    if shutil.disk_usage(cache).free >= n_bytes:
        return
    ours = {part_of(cache, file) for file in wanted}
    for part in begun(cache):
        if part not in ours:
            part.unlink(missing_ok=True)
    free = shutil.disk_usage(cache).free
    if free < n_bytes:
        raise OutOfSpaceError(
            f"the disk is full: {n_bytes / 1e6:,.1f} MB are to come into {cache}, where "
            f"{free / 1e6:,.1f} MB are free. Nothing was written; free some space or move CACHE_DIR"
        )


def _fetch_pieces(
    storage: Storage, jobs: Iterator[tuple[File, int]], cache: Path, progress: Transfer
) -> None:
    """Fetch pieces, some at once; the first that is not right ends it."""

    def fetch(file: File, index: int) -> int:
        value = fetch_piece(storage, file, index)
        with part_of(cache, file).open("r+b") as stream:
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
        value = storage.get(key, PIECE)
        if value is None:
            raise CorruptStoreError(
                f"{storage.url}: {file.path} is not whole: {key} is missing. {CURE}"
            )
        if digest(value) == file.pieces[index]:
            return value
    raise CorruptStoreError(
        f"{storage.url}: {file.path} is not what was written (checksum of {key}). {CURE}"
    )


def _finish(cache: Path, file: File) -> None:
    part = part_of(cache, file)
    with suppress(FileNotFoundError):  # another process was faster
        sync(part)
        part.rename(cached(cache, file))
        cached(cache, file).chmod(0o444)
