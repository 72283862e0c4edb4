"""Files that are whole or not there, whatever happens while they are written."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nucleotides import files, leftovers, read_whole
from nucleotides.errors import CorruptStoreError, OutOfSpaceError, StoreError
from nucleotides.files import is_cut_bgzip, read_manifest, replacing, sha256, write_json
from nucleotides.leftovers import hide
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


def named(path: Path, process: int, kind: str = "part", machine: str | None = None) -> Path:
    """What another process calls what is to come to a path."""
    own = hide(path, "old" if kind == "old" else "part").name
    name = own.replace(f"-{os.getpid()}-", f"-{process}-")
    return path.with_name(name.replace(name[-13:-5], machine) if machine else name)


def test_leftovers_of_the_dead_are_removed_and_of_the_living_kept(path: Path, folder: bool) -> None:
    dead, living = named(path, a_dead_process()), named(path, os.getppid())
    own = hide(path)  # of an earlier process of this number
    for leftover in (dead, living, own):
        write(leftover, folder)
    with replacing(path) as temporary:
        write(temporary, folder, "newest")
    assert content(path) == "newest"
    assert {p.name for p in path.parent.iterdir()} == {path.name, living.name}


def test_what_only_looks_like_a_leftover_stays(path: Path, folder: bool) -> None:
    dead = a_dead_process()
    looks = [
        path.with_name(f".{path.name}.{end}")
        for end in ("old", "part", "draft.part", f"{dead}.part", "99999999.part", "nucleotides.old")
    ]
    looks += [path.with_name("other.part"), named(path.with_name("other"), dead)]
    looks += [named(path, dead, machine="0123456x"), path.with_name(hide(path).name + "x")]
    for one in looks:
        write(one, folder, "mine")
    with replacing(path) as temporary:
        write(temporary, folder)
    assert {p.name for p in path.parent.iterdir()} == {path.name, *(p.name for p in looks)}
    assert {content(one) for one in looks} == {"mine"}


def test_what_another_machine_writes_stays_until_it_is_forgotten(
    path: Path, folder: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = named(path, a_dead_process(), machine="01234567")
    write(theirs, folder)
    for day in (0.0, 6.9, 7.1):
        now = time.time() + day * 24 * 3600
        monkeypatch.setattr(leftovers.time, "time", lambda now=now: now)
        with replacing(path) as temporary:
            write(temporary, folder)
        assert theirs.exists() == (day < 7)


WAYS = {True: "at once", False: "by two renames"}


@pytest.fixture(params=WAYS, ids=WAYS.values())
def exchanges(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the file system can exchange folders."""
    if not request.param:
        monkeypatch.setattr(files, "exchange", lambda *_: False)
    return bool(request.param)


class Killed(BaseException):
    """Stands for what cannot be caught; see below."""


@pytest.mark.parametrize(
    ("exchanges", "step"),
    [(way, step) for way in WAYS for step in range(3 if way else 4)],
    ids=lambda value: WAYS[value] if isinstance(value, bool) else None,
    indirect=["exchanges"],
)
@pytest.mark.parametrize("catchable", [False, True], ids=["killed", "Ctrl-C"])
def test_a_swap_of_folders_that_stops_half_way_is_mended(
    step: int, catchable: bool, exchanges: bool, tmp_path: Path
) -> None:
    path = tmp_path / "store"
    write(path, folder=True, content="old")
    left = step
    rename, exchange, rmtree = Path.rename, files.exchange, leftovers.shutil.rmtree

    def stop(*_: Any, **__: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            patch.undo()
            if not catchable:  # one that is killed does nothing more; clean-up is no part of it
                patch.setattr(files, "remove", lambda _: None)
                patch.setattr(files, "clear_way", lambda _: None)
            raise KeyboardInterrupt if catchable else Killed

    def slow_rename(self: Path, target: Path) -> Path:
        stop()
        return rename(self, target)

    def slow_exchange(one: Path, other: Path) -> bool:
        if exchanges:
            stop()
        return exchange(one, other)

    def slow_rmtree(folder: Path, **options: Any) -> None:
        stop()
        (folder / "content").unlink()
        stop()
        rmtree(folder, **options)

    def replace() -> None:
        with replacing(path) as temporary:
            write(temporary, folder=True)
            patch.setattr(Path, "rename", slow_rename)
            patch.setattr(files, "exchange", slow_exchange)
            patch.setattr(leftovers.shutil, "rmtree", slow_rmtree)

    with pytest.MonkeyPatch.context() as patch, pytest.raises((Killed, KeyboardInterrupt)):
        replace()
    if catchable:
        assert content(path) in ("old", "new")
        assert [p.name for p in tmp_path.iterdir()] == ["store"]
    if exchanges:
        assert content(path) == ("new" if step else "old")
    dead = str(a_dead_process())
    for one in tmp_path.glob(".*"):
        one.rename(one.with_name(one.name.replace(str(os.getpid()), dead)))
    with pytest.raises(ValueError, match="x"), replacing(path):
        raise ValueError("x")
    assert content(path) in ("old", "new")
    assert sorted(p.name for p in path.iterdir()) == ["content", "more"]
    assert [p.name for p in tmp_path.iterdir()] == ["store"]


@pytest.mark.parametrize("there", [True, False])
def test_readers_change_nothing(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not what killed processes left, and even less what only looks like that."""
    monkeypatch.setattr(read_whole, "_WAIT", 0)
    store = tmp_path / "store"
    dead = a_dead_process()
    for path in (tmp_path / ".store.old", named(store, dead), named(store, dead, "old")):
        write(path, folder=True)
    if there:
        store.mkdir()
        write_json(store / "manifest.json", {"format": "kind", "version": 1, "x": [1]})
    before = toy.listing(tmp_path)
    if there:
        assert read_manifest(store, "kind", 1)["x"] == [1]
    else:
        with pytest.raises(StoreError, match=r"stopped; what it was is .*\.old\. Run the command"):
            read_manifest(store, "kind", 1)
    assert toy.listing(tmp_path) == before


N_REPLACED, N_FILES = 300, 6


def keep_replacing(store: Path) -> None:
    """Replace a folder, again and again; every file of it has the number of the turn."""
    try:
        for turn in range(1, N_REPLACED + 1):
            with replacing(store) as folder:
                write_turn(folder, turn)
    finally:
        (store.parent / "done").touch()


def write_turn(folder: Path, turn: int) -> None:
    """A store whose files all hold the same number."""
    folder.mkdir()
    for i in range(N_FILES):
        (folder / f"{i}").write_text(str(turn))
    manifest = {"format": "kind", "version": 1, "turn": turn}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def keep_reading(store: Path) -> int:
    """Read until the writer is done; the number of times."""
    turn, n = 0, 0
    while not (store.parent / "done").exists():
        found = read_whole.read_whole(store, lambda: read_turns(store))
        assert len(set(found)) == 1, found
        assert found[0] >= turn
        turn, n = found[0], n + 1
    return n


def read_turns(store: Path) -> list[int]:
    """The number in each file of the store."""
    turn = read_manifest(store, "kind", 1)["turn"]
    return [turn, *(int((store / f"{i}").read_text()) for i in range(N_FILES))]


@pytest.mark.usefixtures("exchanges")
def test_readers_find_a_whole_folder_while_it_is_replaced(tmp_path: Path) -> None:
    """Real processes: one that writes, two that read; each reader sees one turn at a time."""
    write_turn(tmp_path / "store", 0)
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(3, context) as pool:
        readers = [pool.submit(keep_reading, tmp_path / "store") for _ in range(2)]
        pool.submit(keep_replacing, tmp_path / "store").result()
        assert all(reader.result() for reader in readers)
    assert read_turns(tmp_path / "store")[0] == N_REPLACED
    assert {path.name for path in tmp_path.iterdir()} == {"store", "done"}


def test_a_folder_that_is_always_replaced_is_not_read_for_ever(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write(store, folder=True)

    def replace() -> str:
        with replacing(store) as temporary:
            write(temporary, folder=True)
        return content(store)

    with pytest.raises(StoreError, match="was replaced while it was read"):
        read_whole.read_whole(store, replace)


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
