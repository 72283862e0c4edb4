"""Reading: nothing that differs from what was sent is let through."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nucleotides.deployed import fetch_deployed, has_changed, version_of
from nucleotides.deployed.manifest import (
    _MOST_VALUES,
    MOST_BYTES,
    PIECE,
    Manifest,
    Pointer,
    cut_file,
    digest,
)
from nucleotides.errors import CorruptStoreError, InputError, SettingsError, StoreError
from nucleotides.files import sha256
from nucleotides.storage import Storage, Stored, open_storage
from tests.deploy.deployment import contents, expected, send, write_parts


class Counting:
    """A storage that counts what is asked of it."""

    def __init__(self, storage: Storage) -> None:
        self.storage, self.url = storage, storage.url
        self.asked: list[str] = []
        self.alone = storage.alone

    def get(self, key: str, most: int | None = None) -> bytes | None:
        self.asked.append(key)
        return self.storage.get(key, most)

    def put(self, key: str, value: bytes) -> None:
        self.storage.put(key, value)

    def list(self, folder: str) -> dict[str, Stored]:
        return self.storage.list(folder)

    def delete(self, keys: Iterable[str]) -> None:
        self.storage.delete(keys)


def flipped(storage: Storage, key: str) -> Iterator[int]:
    """The value of `key` with its first, a middle, and its last byte changed; then as it was."""
    right = storage.get(key)
    assert right is not None
    for at in (0, len(right) // 2, len(right) - 1):
        storage.put(key, right[:at] + bytes([right[at] ^ 4]) + right[at + 1 :])
        yield at
    storage.put(key, right)


def test_a_flipped_byte_is_refused_with_its_name(storage: Storage, tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0)
    send(storage, parts)
    files = [path for one in parts.values() for path in one.iterdir()]
    names = {f"objects/{digest(path.read_bytes())}": path.name for path in files}
    objects = storage.list("objects")
    assert len(objects) == len(names) + 1
    for key in objects:
        for at in flipped(storage, key):
            with pytest.raises(CorruptStoreError, match=rf"{names.get(key, key)}.*\..*--repair"):
                fetch_deployed(storage, tmp_path / f"cache-{key[-9:]}-{at}")
    assert contents(fetch_deployed(storage, tmp_path / "cache")) == expected(parts)


def test_a_pointer_with_a_flipped_byte(tmp_path: Path) -> None:
    """It is refused with its name, or the byte said nothing."""
    storage, parts = open_storage(tmp_path / "storage"), write_parts(tmp_path / "new", 0)
    send(storage, parts)
    right = fetch_deployed(storage, tmp_path / "cache")
    value = storage.get("latest.json")
    assert value is not None
    for at in range(len(value)):
        storage.put("latest.json", value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :])
        try:
            copy = fetch_deployed(storage, tmp_path / "cache")
        except CorruptStoreError as error:
            message = str(error)
        else:
            assert copy == right
            continue
        assert "latest.json" in message or "the manifest of" in message


def test_a_manifest_of_another_version(storage: Storage, tmp_path: Path) -> None:
    """It is sound by itself, but not what the pointer is about."""
    old = send(storage, write_parts(tmp_path / "old", 0))
    new = send(storage, write_parts(tmp_path / "new", 1))
    storage.put(f"objects/{new.manifest}", storage.get(f"objects/{old.manifest}") or b"")
    with pytest.raises(CorruptStoreError, match=f"{new.manifest}, .* is not what was written"):
        fetch_deployed(storage, tmp_path / "cache")


def test_a_missing_object_is_told_with_its_file(storage: Storage, tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0)
    pointer = send(storage, parts)
    piece = f"objects/{digest((parts['model'] / '2.bin').read_bytes())}"
    for key, message in (
        (piece, rf"model/2.bin is not whole: {piece} is missing\. .*upload-model --repair"),
        (f"objects/{pointer.manifest}", "the manifest of .* is missing"),
        ("latest.json", "nothing is deployed at"),
    ):
        storage.delete([key])
        with pytest.raises(StoreError, match=message):
            fetch_deployed(storage, tmp_path / "cache")


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0)
    storage = Counting(open_storage(tmp_path / "storage"))
    send(storage, parts)
    storage.asked.clear()
    first = fetch_deployed(storage, tmp_path / "cache")
    assert len(storage.asked) == 2 + len(expected(parts))
    storage.asked.clear()
    assert fetch_deployed(storage, tmp_path / "cache") == first
    assert storage.asked == ["latest.json"]
    storage.asked.clear()
    assert not has_changed(storage, first)
    assert storage.asked == ["latest.json"]
    changed, manifest = parts["model"] / "2.bin", parts["model"] / "manifest.json"
    before = sha256(changed)
    changed.write_bytes(b"another")
    manifest.write_text(manifest.read_text().replace(before, sha256(changed)))
    send(storage, parts)
    storage.asked.clear()
    second = fetch_deployed(storage, tmp_path / "cache")
    assert len(storage.asked) == 2 + 2
    assert contents(second) == expected(parts)
    assert (first / "model/1.bin").samefile(second / "model/1.bin")


def test_parts(storage: Storage, tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0)
    send(storage, parts)
    copy = fetch_deployed(storage, tmp_path / "cache", parts=["model"])
    assert contents(copy / "model") == contents(parts["model"])
    assert [path.name for path in copy.iterdir() if path.is_dir()] == ["model"]
    with pytest.raises(InputError, match="has no mod"):
        fetch_deployed(storage, tmp_path / "cache", parts=["mod"])


def test_a_damaged_cache_is_mended(tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0, large=2 * PIECE)
    storage = Counting(open_storage(tmp_path / "storage"))
    send(storage, parts)
    copy = fetch_deployed(storage, tmp_path / "cache")
    large = copy / "model/large.bin"
    assert large.stat().st_mode & 0o222 == 0
    large.chmod(0o644)
    large.write_bytes(large.read_bytes()[:-1] + b"\0")
    (copy / "model/1.bin").chmod(0o644)
    (copy / "model/1.bin").write_bytes(b"short")
    (copy / "model/0.bin").unlink()
    storage.asked.clear()
    assert fetch_deployed(storage, tmp_path / "cache") == copy
    assert contents(copy) == expected(parts)
    assert len(storage.asked) == 1 + 2 + 1
    large.chmod(0o644)
    large.write_bytes(b"!" + large.read_bytes()[1:])
    fetch_deployed(storage, tmp_path / "cache")
    assert contents(copy) == expected(parts)


def test_a_copy_that_somebody_wrote_to_is_laid_out_again(tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0)
    storage = Counting(open_storage(tmp_path / "storage"))
    send(storage, parts)
    copy = fetch_deployed(storage, tmp_path / "cache")
    pointer = (copy / "version.json").read_bytes()
    storage.asked.clear()
    (copy / "model/setup.py").write_text("mine")
    assert contents(fetch_deployed(storage, tmp_path / "cache")) == expected(parts)
    (copy / "model/0.bin").unlink()
    kept = cut_file(parts["model"] / "0.bin", "").digest
    (copy / "model/0.bin").symlink_to(tmp_path / "cache/files" / kept)
    assert contents(fetch_deployed(storage, tmp_path / "cache")) == expected(parts)
    assert not (copy / "model/0.bin").is_symlink()
    manifest = f"objects/{version_of(copy).manifest}"
    for name, value in (("version.json", pointer), ("deployment.json", storage.get(manifest))):
        (copy / name).write_text("{}")
        assert contents(fetch_deployed(storage, tmp_path / "cache")) == expected(parts)
        assert (copy / name).read_bytes() == value
    assert set(storage.asked) == {"latest.json", manifest}


def test_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy has files of its own there, which are compared, too."""

    def refuse(_: Path, other: Path) -> None:
        raise OSError(errno.EOPNOTSUPP, "no links", str(other))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    parts = write_parts(tmp_path / "new", 0)
    storage = Counting(open_storage(tmp_path / "storage"))
    send(storage, parts)
    copy = fetch_deployed(storage, tmp_path / "cache")
    inode = (copy / "model/1.bin").stat().st_ino
    assert fetch_deployed(storage, tmp_path / "cache") == copy
    assert (copy / "model/1.bin").stat().st_ino == inode
    damage(copy / "model/1.bin")
    storage.asked.clear()
    assert contents(fetch_deployed(storage, tmp_path / "cache")) == expected(parts)
    assert storage.asked == ["latest.json"]


def damage(path: Path) -> None:
    """Change a byte; size and times stay."""
    status, value = path.stat(), path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(value[:-1] + bytes([value[-1] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_one_damaged_byte_of_the_cache(tmp_path: Path) -> None:
    """It is fetched again by whoever asks for the copy next; what is open stays as it is."""
    parts = write_parts(tmp_path / "new", 0)
    storage = Counting(open_storage(tmp_path / "storage"))
    send(storage, parts)
    copy = fetch_deployed(storage, tmp_path / "cache")
    for name in ("data/genomes/GRCh38.store/codes.u8", "model/3.bin"):
        damage(copy / name)
        assert contents(copy) != expected(parts)
        storage.asked.clear()
        assert fetch_deployed(storage, tmp_path / "cache") == copy
        assert contents(copy) == expected(parts)
        assert len(storage.asked) == 2


def test_a_whole_copy_has_every_part(tmp_path: Path) -> None:
    """So that a cache filled by `deployed fetch` need not be written to."""
    parts = write_parts(tmp_path / "new", 0)
    storage = open_storage(tmp_path / "storage")
    send(storage, parts)
    whole = fetch_deployed(storage, tmp_path / "cache")
    before = sorted((tmp_path / "cache").rglob("*"))
    assert fetch_deployed(storage, tmp_path / "cache", parts=["model"]) == whole
    assert sorted((tmp_path / "cache").rglob("*")) == before


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(open_storage(tmp_path / "storage"), write_parts(tmp_path / "new", 0))

    def refuse(path: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(
        SettingsError, match=r"cache has not got all .* cannot be written .*CACHE_D"
    ):
        fetch_deployed(tmp_path / "storage", tmp_path / "cache")


def test_several_at_once(tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0, large=PIECE + 1)
    storage = Counting(open_storage(tmp_path / "storage"))
    send(storage, parts)
    storage.asked.clear()
    with ThreadPoolExecutor(6) as pool:
        copies = list(pool.map(lambda _: fetch_deployed(storage, tmp_path / "cache"), range(6)))
    assert len(set(copies)) == 1
    assert contents(copies[0]) == expected(parts)
    pieces = [key for key in storage.asked if key.startswith("objects/")]
    manifest = f"objects/{version_of(copies[0]).manifest}"
    assert len(pieces) - pieces.count(manifest) == len(expected(parts)) + 1


def test_an_old_version_that_was_removed_meanwhile(tmp_path: Path) -> None:
    """The reader had read the pointer to it; it goes on with the new one."""
    inner = open_storage(tmp_path / "storage")
    old, parts = send(inner, write_parts(tmp_path / "old", 0)), write_parts(tmp_path / "new", 1)

    class Meanwhile(Counting):
        def get(self, key: str, most: int | None = None) -> bytes | None:
            value = super().get(key, most)
            if len(self.asked) == 1:
                send(inner, parts)
                inner.delete([f"objects/{old.manifest}"])
            return value

    copy = fetch_deployed(Meanwhile(inner), tmp_path / "cache")
    assert contents(copy) == expected(parts)


def hostile(storage: Storage, **changes: object) -> None:
    """Make the latest manifest another one, with a pointer that is right."""
    latest = json.loads(storage.get("latest.json") or b"")
    manifest = json.loads(storage.get(f"objects/{latest['manifest']}") or b"")
    manifest["files"][0] |= changes
    value = json.dumps(manifest).encode()
    storage.put(f"objects/{digest(value)}", value)
    storage.put("latest.json", Pointer(latest["name"], digest(value)).encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "../x"},
        {"path": "/x"},
        {"path": "a//b"},
        {"path": "a/../../x"},
        {"path": "a\\b"},
        {"path": "a\0b"},
        {"path": "model/2.bin"},
        {"path": "model/2.BIN"},
        {"path": "model"},
        {"path": "Model"},
        {"path": "model/2.bin/x"},
        {"path": "version.json"},
        {"path": "deployment.json"},
        {"path": "version.json/x"},
        {"path": "a\ud800"},
        {"path": "a\x1b[2J"},
        {"path": "a" * 300},
        {"path": "a/" * 600 + "a"},
        {"size": -1},
        {"size": 10**15},
        {"size": "x"},
        {"pieces": ["../../x"]},
        {"pieces": []},
        {"pieces": None},
    ],
    ids=str,
)
def test_a_hostile_manifest_is_refused(changes: dict[str, object], tmp_path: Path) -> None:
    storage = open_storage(tmp_path / "storage")
    send(storage, write_parts(tmp_path / "new", 0))
    hostile(storage, **changes)
    before = {path for path in tmp_path.rglob("*") if "storage" not in path.parts}
    with pytest.raises(CorruptStoreError, match="is damaged: not a manifest"):
        fetch_deployed(storage, tmp_path / "cache")
    assert {path for path in tmp_path.rglob("*") if "storage" not in path.parts} == before


@pytest.mark.parametrize(
    "value", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff", b'{"format": "x", "version": 1}']
)
def test_a_pointer_that_is_none(value: bytes, tmp_path: Path) -> None:
    storage = open_storage(tmp_path / "storage")
    storage.put("latest.json", value)
    storage.put("versions/v7.json", b"")
    with pytest.raises(CorruptStoreError, match=r"latest.json is .*back NAME`; there are: v7"):
        fetch_deployed(storage, tmp_path / "cache")


def test_a_manifest_has_room_for_all_pieces_that_its_bytes_have_room_for() -> None:
    shortest = len('"",') + 64
    assert MOST_BYTES["manifest"] // shortest < _MOST_VALUES


def test_manifests_come_back() -> None:
    manifest = Manifest("v1", "2026-11-26T00:00:00Z", "0.1.0", ())
    assert Manifest.decode(manifest.encode(), "") == manifest


def test_a_folder_that_is_no_copy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no copy of a deployed version"):
        version_of(tmp_path)
