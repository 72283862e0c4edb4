"""Files that are whole or not there, whatever happens while they are written."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nucleotides import files
from nucleotides.errors import CorruptStoreError, OutOfSpaceError, StoreError
from nucleotides.files import is_cut_bgzip, read_manifest, replacing, sha256, write_json
from tests import toy


def write(path: Path, folder: bool, content: str = "new") -> None:
    if folder:
        path.mkdir()
        (path / "content").write_text(content)
        (path / "more").write_text(content)
    else:
        path.write_text(content)


def content(path: Path) -> str:
    return ((path / "content") if path.is_dir() else path).read_text()


@pytest.fixture(params=[False, True], ids=["file", "folder"])
def folder(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=[False, True], ids=["nothing before", "one before"])
def path(request: pytest.FixtureRequest, folder: bool, tmp_path: Path) -> Path:
    """Where something is to be written; a name that means something to glob."""
    path = tmp_path / "some[1]*.store"
    if request.param:
        write(path, folder, "old")
    return path


def test_the_new_one_takes_the_place_of_the_old(path: Path, folder: bool) -> None:
    before = content(path) if path.exists() else None
    with replacing(path) as temporary:
        assert temporary.parent == path.parent
        write(temporary, folder)
        assert (content(path) if path.exists() else None) == before
    assert content(path) == "new"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(3)])
def test_an_exception_changes_nothing(
    error: BaseException, written: bool, path: Path, folder: bool
) -> None:
    before = toy.listing(path.parent)

    def fail() -> None:
        with replacing(path) as temporary:
            if written:
                write(temporary, folder)
            raise error

    with pytest.raises(type(error)) as caught:
        fail()
    assert caught.value is error
    assert toy.listing(path.parent) == before
    assert len(list(path.parent.iterdir())) == path.exists()


def test_a_full_disk_is_told_as_such(path: Path, folder: bool) -> None:
    before = toy.listing(path.parent)

    def fail() -> None:
        with replacing(path) as temporary:
            write(temporary, folder)
            raise OSError(errno.ENOSPC, "No space left on device", "whatever")

    with pytest.raises(OutOfSpaceError) as caught:
        fail()
    assert f"the disk is full: {path} could not be written" in str(caught.value)
    assert caught.value.exit_code == 4
    assert toy.listing(path.parent) == before


def test_other_errors_of_the_system_are_left_alone(path: Path) -> None:
    with pytest.raises(PermissionError), replacing(path):
        raise PermissionError(errno.EACCES, "denied")


def test_a_kind_can_be_replaced_by_the_other(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write(path, folder=True)
    with pytest.raises(OSError, match="x"), replacing(path) as temporary:
        write(temporary, folder=False)
    assert content(path) == "new"
    assert len(list(tmp_path.iterdir())) == 1


def test_parents_are_made(tmp_path: Path) -> None:
    with replacing(tmp_path / "a" / "b" / "c") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "a" / "b" / "c").read_text() == "x"


def a_dead_process() -> int:
    """Number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_leftovers_of_the_dead_are_removed_and_of_the_living_kept(path: Path, folder: bool) -> None:
    dead = path.with_name(f".{path.name}.{a_dead_process()}.part")
    living = path.with_name(f".{path.name}.{os.getppid()}.part")
    odd = path.with_name(f".{path.name}.odd.part")
    own = path.with_name(f".{path.name}.{os.getpid()}.part")  # of an earlier one of this number
    for leftover in (dead, living, odd, own):
        write(leftover, folder)
    unrelated = path.with_name("other.part")
    unrelated.write_text("x")
    with replacing(path) as temporary:
        write(temporary, folder, "newest")
    assert content(path) == "newest"
    assert {p.name for p in path.parent.iterdir()} == {path.name, living.name, unrelated.name}


class Killed(BaseException):
    """Stands for what cannot be caught; see below."""


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("catchable", [False, True], ids=["killed", "Ctrl-C"])
def test_a_swap_of_folders_that_stops_half_way_is_mended(
    step: int, catchable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store"
    write(path, folder=True, content="old")
    left = step
    rename, rmtree, remove = Path.rename, files.shutil.rmtree, files._remove

    def stop(*_: Any, **__: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            # One that is killed does nothing more; clean-up is no part of it.
            if not catchable:
                monkeypatch.setattr(files, "_remove", lambda _: None)
                monkeypatch.setattr(files, "finish_swap", lambda _: None)
            monkeypatch.setattr(Path, "rename", rename)
            monkeypatch.setattr(files.shutil, "rmtree", rmtree)
            raise KeyboardInterrupt if catchable else Killed

    def slow_rename(self: Path, target: Path) -> Path:
        stop()
        return rename(self, target)

    def slow_rmtree(folder: Path, **options: Any) -> None:
        stop()
        (folder / "content").unlink()
        stop()
        rmtree(folder, **options)

    monkeypatch.setattr(Path, "rename", slow_rename)
    monkeypatch.setattr(files.shutil, "rmtree", slow_rmtree)
    finish = files.finish_swap
    with pytest.raises((Killed, KeyboardInterrupt)), replacing(path) as temporary:
        write(temporary, folder=True)
    monkeypatch.setattr(files, "_remove", remove)
    monkeypatch.setattr(files, "finish_swap", finish)
    if catchable:
        assert content(path) in ("old", "new")
        assert [p.name for p in tmp_path.iterdir()] == ["store"]
    files.finish_swap(path)
    assert content(path) in ("old", "new")
    assert sorted(p.name for p in path.iterdir()) == ["content", "more"]
    with replacing(path) as temporary:
        write(temporary, folder=True, content="newest")
    assert content(path) == "newest"
    assert [p.name for p in tmp_path.iterdir()] == ["store"]


def test_reading_a_manifest_mends_a_half_finished_swap(tmp_path: Path) -> None:
    old = tmp_path / ".store.old"
    old.mkdir()
    write_json(old / "manifest.json", {"format": "kind", "version": 1, "x": [1]})
    assert read_manifest(tmp_path / "store", "kind", 1)["x"] == [1]
    assert [p.name for p in tmp_path.iterdir()] == ["store"]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (None, StoreError, "no kind at"),
        ("{", CorruptStoreError, "is damaged"),
        ("", CorruptStoreError, "is damaged"),
        ("[]", CorruptStoreError, "is damaged"),
        ("\x80", CorruptStoreError, "is damaged"),
        ('{"format": "other", "version": 1}', StoreError, "holds 'other' version 1, not 'kind'"),
        ('{"format": "kind", "version": 2}', StoreError, "version 2, not 'kind' version 1"),
    ],
)
def test_manifests_that_cannot_be_used(
    text: str | None, error: type, message: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(error) as caught:
        read_manifest(tmp_path, "kind", 1)
    assert message in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert "pre-process" in str(caught.value)


def test_json_comes_back(tmp_path: Path) -> None:
    content = {"a": [1, 2.5, None, "é"], "b": {"c": True}}
    write_json(tmp_path / "x.json", content)
    assert json.loads((tmp_path / "x.json").read_text()) == content


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_sha256(size: int, tmp_path: Path) -> None:
    raw = bytes(i % 251 for i in range(size))
    (tmp_path / "x").write_bytes(raw)
    assert sha256(tmp_path / "x") == hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("size", [0, 10, 100_000])
def test_only_a_bgzip_without_its_end_is_cut(size: int, tmp_path: Path) -> None:
    raw = toy.sequence(size).encode()
    for packing in ("plain", "gzip", "bgzip"):
        path = toy.write_packed(tmp_path / packing, raw, packing)  # type: ignore[arg-type]
        assert not is_cut_bgzip(path)
    whole = path.read_bytes()
    for cut in (1, 27, 28) if size else (1,):
        path.write_bytes(whole[:-cut])
        assert is_cut_bgzip(path)
