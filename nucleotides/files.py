"""Files that are either whole or not there: temporary names, renames, checksums, manifests."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nucleotides.errors import CorruptStoreError, OutOfSpaceError, StoreError
from nucleotides.exchange import exchange
from nucleotides.leftovers import clear_way, hide, remove
from nucleotides.read_json import read_json
from nucleotides.read_whole import read_whole

_CHUNK = 1 << 20
BGZIP_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; rename it onto `path` if the block ends well, else remove it.

    The temporary file or folder lies beside `path`, so the rename stays on one file system. A
    folder and the new one exchange their names at once, where system and file system can; else
    there is none at `path` for a moment, which `read_whole` waits for. A process that is killed
    leaves the temporary name behind; the next call mends that.

    Raises:
        OutOfSpaceError: the disk is full; what was at `path` is unchanged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_way(path)
    temporary = hide(path)
    try:
        yield temporary
        _take_place(temporary, path)
    except BaseException as error:
        remove(temporary)
        clear_way(path)
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise out_of_space(path) from error
        raise


def out_of_space(path: Path) -> OutOfSpaceError:
    """The error to raise when writing `path` found the disk full."""
    folder = next(parent for parent in [path, *path.parents] if parent.exists())
    free = shutil.disk_usage(folder).free
    return OutOfSpaceError(
        f"the disk is full: {path} could not be written ({free / 1e6:.1f} MB left). "
        "Nothing was changed; free some space or move TOP_DIR, then run the command again."
    )


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def is_cut_bgzip(path: Path) -> bool:
    """Whether a file begins as bgzip does and lacks bgzip's end marker.

    A bgzipped file is a row of gzip files: cut between two of them, it still unpacks. Hence the
    empty one at its end (SAM specification, 4.1.2).
    """
    with path.open("rb") as file:
        head = file.read(16)
        file.seek(max(path.stat().st_size - len(BGZIP_END), 0))
        return lacks_bgzip_end(head, file.read())


def lacks_bgzip_end(head: bytes, tail: bytes) -> bool:
    """As `is_cut_bgzip`, of a file's first bytes and its last ones (or all of them, both times)."""
    is_bgzip = head[:4] == BGZIP_END[:4] and head[12:16] == BGZIP_END[12:16]
    return is_bgzip and not tail.endswith(BGZIP_END)


def write_json(path: Path, content: Any) -> None:
    """Write `content` as JSON, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n")


def sync(path: Path) -> None:
    """Have a file's bytes, or a folder's names, on the disk before what relies on them is done."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_manifest(
    folder: Path, kind: str, version: int, made_by: str = "nucleotides pre-process"
) -> dict[str, Any]:
    """The manifest of a store folder; `made_by` is the command that makes such a store.

    Raises:
        StoreError: no such store, or one of another kind or version.
        CorruptStoreError: a manifest that is not JSON, or as `read_json`.
    """
    return read_whole(folder, lambda: _read_manifest(folder, kind, version, made_by))


def _read_manifest(folder: Path, kind: str, version: int, made_by: str) -> dict[str, Any]:
    path = folder / "manifest.json"
    if not path.exists():
        raise StoreError(f"no {kind} at {folder}: make one with `{made_by}`")
    try:
        manifest = read_json(path)
    except CorruptStoreError as error:
        raise CorruptStoreError(f"{error}: run `{made_by}` again") from None
    if manifest.get("format") != kind or manifest.get("version") != version:
        raise StoreError(
            f"{folder} holds {manifest.get('format')!r} version {manifest.get('version')!r}, "
            f"not {kind!r} version {version}: run `{made_by}` again"
        )
    return manifest


def _take_place(new: Path, path: Path) -> None:
    if not (new.is_dir() and path.is_dir()):
        new.replace(path)
    elif exchange(new, path):
        remove(new)
    else:
        old = hide(path, "old")
        path.rename(old)
        new.rename(path)
        remove(old)


def find_stranger(folder: Path, names: Container[str]) -> Path | None:
    """What lies in a folder and is no file or link of those names, the first by name."""
    for path in sorted(folder.iterdir()):
        if path.name not in names or not (path.is_file() or path.is_symlink()):
            return path
    return None
