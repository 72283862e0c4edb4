"""Many files into a folder: what is complete stays, what is missing comes, what fails is told."""

from __future__ import annotations

import asyncio
import errno
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nucleotides.encode.client import Client
from nucleotides.encode.fetch import fetch
from nucleotides.encode.ledger import Ledger
from nucleotides.encode.options import Options
from nucleotides.encode.remote import Remote
from nucleotides.encode.transfer import Part
from nucleotides.errors import DownloadError, OutOfSpaceError
from nucleotides.files import out_of_space
from nucleotides.hold import alone_in
from nucleotides.progress import Transfer

_SPARE = 50_000_000  # bytes of the disk that are left alone


@dataclass
class Downloads:
    """What became of each file.

    Attributes:
        done: path by name, of all that are there and right now.
        failed: reason by name.
        fetched: names of those that were fetched now.
        n_bytes, seconds: of the transfers.
    """

    done: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    n_bytes: int = 0
    seconds: float = 0.0


def download(remotes: Sequence[Remote], folder: Path, options: Options | None = None) -> Downloads:
    """Fetch what is not there, several at once; a file that fails does not stop the others.

    A file that is there counts if its MD5 is the wanted one (or, where none is known, its size);
    with another MD5 it is fetched anew, and stays until the new one is whole. A stopped run, or a
    killed one, is gone on with where it was.

    Raises:
        OutOfSpaceError: the disk has not room enough, seen before the first request or on the way.
        BusyError: another process is fetching into the folder.
    """
    try:
        with alone_in(folder):
            return _download(remotes, folder, options or Options())
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise out_of_space(folder) from None
        raise


def _download(remotes: Sequence[Remote], folder: Path, options: Options) -> Downloads:
    ledger = Ledger(folder)
    found = Downloads()
    missing = []
    for remote in {remote.name: remote for remote in remotes}.values():
        if _is_here(remote, folder, ledger):
            Part.of(folder / remote.name).remove()
            found.done[remote.name] = folder / remote.name
        else:
            missing.append(remote)
    if missing:
        _check_room(missing, folder)
        begin = time.monotonic()
        _run(missing, folder, ledger, options, found)
        found.seconds = time.monotonic() - begin
    return found


def _is_here(remote: Remote, folder: Path, ledger: Ledger) -> bool:
    path = folder / remote.name
    if not path.is_file() or (remote.size is not None and path.stat().st_size != remote.size):
        return False
    return remote.md5 is None or ledger.md5(remote.name) == remote.md5


def _check_room(remotes: Sequence[Remote], folder: Path) -> None:
    need = sum(max((r.size or 0) - Part.of(folder / r.name).size, 0) for r in remotes)
    free = shutil.disk_usage(folder).free
    if need and need + _SPARE > free:
        raise OutOfSpaceError(
            f"{need / 1e9:,.2f} GB are to be fetched to {folder}, where {free / 1e9:,.2f} GB are "
            "left: free some space, move BED_DOWNLOAD_DIR, or take fewer files (--max-files)"
        )


def _run(
    remotes: Sequence[Remote], folder: Path, ledger: Ledger, options: Options, found: Downloads
) -> None:
    sizes = [remote.size for remote in remotes]
    total = sum(size for size in sizes if size) if all(sizes) else None
    with Transfer("fetching", len(remotes), total) as shown:
        shown.arrived(sum(Part.of(folder / r.name).size for r in remotes), new=False)
        try:
            asyncio.run(_fetch_all(remotes, folder, ledger, options, found, shown))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        found.failed = {r.name: found.failed[r.name] for r in remotes if r.name in found.failed}
        found.n_bytes = shown.fetched


async def _fetch_all(
    remotes: Sequence[Remote],
    folder: Path,
    ledger: Ledger,
    options: Options,
    found: Downloads,
    shown: Transfer,
) -> None:
    waiting = iter(remotes)

    async def work(client: Client) -> None:
        for remote in waiting:
            target = folder / remote.name
            try:
                await fetch(client, remote, target, shown.arrived)
            except DownloadError as error:
                found.failed[remote.name] = str(error)
            else:
                if remote.md5:
                    ledger.note(remote.name, remote.md5)
                found.done[remote.name] = target
                found.fetched.append(remote.name)
            shown.finished()

    async with Client(options) as client, asyncio.TaskGroup() as group:
        for _ in range(min(options.n_workers, len(remotes))):
            group.create_task(work(client))
