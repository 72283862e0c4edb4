"""One process at a time in a folder."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nucleotides.hold
from nucleotides.errors import BusyError
from nucleotides.hold import alone_in, in_turn

ROOT = Path(__file__).parents[1]
HOLDER = """
import sys, pathlib
from nucleotides.hold import alone_in
with alone_in(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("number", [None, signal.SIGKILL, signal.SIGTERM])
def test_another_process_keeps_one_out_until_it_ends(number: int | None, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    other = holder(folder)
    with (
        pytest.raises(BusyError, match=f"another process is writing to {folder}"),
        alone_in(folder),
    ):
        pass
    with alone_in(tmp_path / "a"):  # another folder
        pass
    if number:
        other.send_signal(number)
    other.communicate()
    with alone_in(folder):
        assert list(folder.iterdir()) == []  # no file is left, or ever there


def test_let_go_of_after_an_error(tmp_path: Path) -> None:
    n_open = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(ValueError, match="x"), alone_in(tmp_path):
            raise ValueError("x")
    assert len(list(Path("/proc/self/fd").iterdir())) == n_open


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK])
def test_file_systems_without_holds(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", none)
    with alone_in(tmp_path):
        (tmp_path / "done").touch()
    assert (tmp_path / "done").exists()


def test_other_errors_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", broken)
    with pytest.raises(OSError, match="Input/output"), alone_in(tmp_path):
        pass


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError), alone_in(tmp_path / "file"):
        pass


def test_in_turn_waits_until_the_other_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = holder(tmp_path)
    told = []

    def end_it(text: str) -> None:
        told.append(text)
        other.communicate()

    monkeypatch.setattr(nucleotides.hold, "say", end_it)
    for _ in range(2):
        with in_turn(tmp_path), pytest.raises(BusyError), alone_in(tmp_path):
            pass
    assert told == [f"waiting for another process that is writing to {tmp_path}"]
