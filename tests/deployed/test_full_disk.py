"""What a version takes is known before anything of it is written."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from nucleotides.deployed import fetch_deployed
from nucleotides.deployed.manifest import PIECE, Pointer, cut_file, digest
from nucleotides.deployed.tidy_cache import KEPT, tidy_cache
from nucleotides.errors import CorruptStoreError, OutOfSpaceError
from nucleotides.storage import Storage, open_storage
from tests.deploy.deployment import contents, expected, send, write_parts

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache on a disk of three pieces."""
    cache = tmp_path / "cache"

    def usage(_: Path) -> Usage:
        files = {path.stat().st_ino: path.stat() for path in cache.rglob("*") if path.is_file()}
        used = sum(512 * status.st_blocks for status in files.values())
        return Usage(3 * PIECE, used, 3 * PIECE - used)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    return cache


def add_bomb(storage: Storage, piece: Path, times: int) -> None:
    """Make the latest version one with a file of the same piece many times."""
    latest = json.loads(storage.get("latest.json") or b"")
    manifest = json.loads(storage.get(f"objects/{latest['manifest']}") or b"")
    cut = cut_file(piece, "model/bomb")
    manifest["files"].append(
        {"path": cut.path, "size": cut.size * times, "pieces": [*cut.pieces] * times}
    )
    value = json.dumps(manifest).encode()
    storage.put(f"objects/{digest(value)}", value)
    storage.put(f"objects/{cut.pieces[0]}", piece.read_bytes())
    storage.put("latest.json", Pointer(latest["name"], digest(value)).encode())


def test_nothing_is_written_of_what_has_no_room(disk: Path, tmp_path: Path) -> None:
    storage, parts = open_storage(tmp_path / "storage"), write_parts(tmp_path / "new", 0)
    good = send(storage, parts)
    (tmp_path / "piece").write_bytes(b"A" * PIECE)
    add_bomb(storage, tmp_path / "piece", 4)
    message = r"33\.6 MB are to come into .*cache, where 25\.2 MB are free.*CACHE_DIR"
    with pytest.raises(OutOfSpaceError, match=message):
        fetch_deployed(storage, disk)
    assert not [path for path in disk.rglob("*") if path.is_file()]
    storage.put("latest.json", good.encode())
    assert contents(fetch_deployed(storage, disk)) == expected(parts)


def begin(storage: Storage, cache: Path, parts: dict[str, Path]) -> Path:
    """Fetch a version of which the last file is missing; what was begun of it is left."""
    send(storage, parts)
    lost = f"objects/{digest((parts['model'] / 'large.bin').read_bytes()[-1:])}"
    last = storage.get(lost)
    assert last is not None
    storage.delete([lost])
    with pytest.raises(CorruptStoreError, match="is missing"):
        fetch_deployed(storage, cache)
    storage.put(lost, last)
    return max((cache / "files").glob(".*.part"), key=lambda path: path.stat().st_size)


def test_what_was_begun_makes_room(disk: Path, tmp_path: Path) -> None:
    storage = open_storage(tmp_path / "storage")
    left = begin(storage, disk, write_parts(tmp_path / "old", 0, large=2 * PIECE + 1))
    small = write_parts(tmp_path / "small", 1)
    send(storage, small)
    assert contents(fetch_deployed(storage, disk)) == expected(small)
    assert left.exists()
    large = write_parts(tmp_path / "new", 2, large=PIECE + PIECE // 2)
    send(storage, large)
    assert contents(fetch_deployed(storage, disk)) == expected(large)
    assert not left.exists()


def test_what_was_begun_goes_in_time(tmp_path: Path) -> None:
    storage, cache = open_storage(tmp_path / "storage"), tmp_path / "cache"
    left = begin(storage, cache, write_parts(tmp_path / "old", 0, large=PIECE + 1))
    send(storage, write_parts(tmp_path / "new", 1))
    fetch_deployed(storage, cache)
    assert left.exists()
    now = left.stat().st_mtime + KEPT + 60
    tidy_cache(cache, now)
    assert not left.exists()


def test_a_disk_that_fills_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(open_storage(tmp_path / "storage"), write_parts(tmp_path / "new", 0))

    def fail(path: object, _: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(os, "truncate", fail)
    with pytest.raises(OutOfSpaceError, match=r"cache could not be written\. .*move CACHE_DIR"):
        fetch_deployed(tmp_path / "storage", tmp_path / "cache")
