"""A file is moved whole, or is where it was."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from nucleotides.deploy.start_over import move_file as module
from nucleotides.deploy.start_over.move_file import move_file
from nucleotides.errors import CorruptStoreError, InputError, OutOfSpaceError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"bytes" * 1000)
    return path


@pytest.fixture
def elsewhere(quick: Path, tmp_path: Path) -> Path:
    """A path on another file system."""
    if quick.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip(f"needs a second file system: {quick} is on that of {tmp_path}")
    return quick / "folder" / "target"


def test_onto_another_file_system(source: Path, elsewhere: Path) -> None:
    status, value = source.stat(), source.read_bytes()
    assert move_file(source, elsewhere)
    assert not source.exists()
    assert elsewhere.read_bytes() == value
    moved = elsewhere.stat()
    assert (moved.st_mtime_ns, moved.st_mode) == (status.st_mtime_ns, status.st_mode)
    assert os.listdir(elsewhere.parent) == ["target"]  # noqa: PTH208


def test_a_full_disk(source: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path, **_: object) -> None:
        target.write_bytes(source.read_bytes()[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    value = source.read_bytes()
    monkeypatch.setattr(module.shutil, "copy2", full)
    with pytest.raises(OutOfSpaceError, match="the disk is full"):
        move_file(source, elsewhere)
    assert source.read_bytes() == value
    assert list(elsewhere.parent.iterdir()) == []


def test_a_copy_that_is_spoilt(
    source: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copy2

    def spoil(source: Path, target: Path, **options: bool) -> None:
        copy(source, target, **options)
        target.write_bytes(target.read_bytes()[:-1] + b"!")

    value = source.read_bytes()
    monkeypatch.setattr(module.shutil, "copy2", spoil)
    with pytest.raises(CorruptStoreError, match="is the disk well"):
        move_file(source, elsewhere)
    assert source.read_bytes() == value
    assert not elsewhere.exists()


def test_what_is_at_the_target_stays(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"another")
    with pytest.raises(InputError, match="is there already"):
        move_file(source, target)
    assert target.read_bytes() == b"another"
    target.write_bytes(source.read_bytes())
    assert move_file(source, target)
    assert not source.exists()


def test_links(tmp_path: Path) -> None:
    one, other, target = (tmp_path / name for name in ("one", "other", "target"))
    one.symlink_to("nowhere")
    other.symlink_to("elsewhere")
    assert move_file(one, target)
    with pytest.raises(InputError, match="is there already"):
        move_file(other, target)
    assert target.readlink() == Path("nowhere")


def test_neither_here_nor_there(tmp_path: Path) -> None:
    assert not move_file(tmp_path / "a", tmp_path / "b")
