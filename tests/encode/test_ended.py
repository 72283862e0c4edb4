"""Downloads that are killed or stopped at a moment of a download, and run again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nucleotides.encode.download import download
from nucleotides.encode.remote import Remote
from nucleotides.portal.faults import Fault
from nucleotides.portal.server import Portal
from tests.encode.serving import Time, blind, contents, counting, log, remotes, write_files

ROOT = Path(__file__).parents[2]
FILES = {f"ENCFF0{i:02d}AAA.bed.gz": 90_000 * (1 + i % 3) for i in range(6)}


class Children:
    """See tests/encode/child.py."""

    def __init__(self, folder: Path) -> None:
        environment = dict(os.environ) | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.encode.child"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _line(self) -> int:
        assert self.process.stdout
        return int(self.process.stdout.readline())

    def run(
        self, portal: Portal, wanted: list[Remote], folder: Path, at: int = 0, number: int = 0
    ) -> int:
        """Exit code of a child that gets a signal after the portal's so-manieth piece."""
        pid, known = 0, threading.Event()

        def end() -> None:
            known.wait()
            os.kill(pid, number)

        counting(portal, at, end)
        files = [(one.name, one.urls, one.size, one.md5) for one in wanted]
        assert self.process.stdin
        self.process.stdin.write(json.dumps([str(folder), files]) + "\n")
        self.process.stdin.flush()
        pid = self._line()
        known.set()
        code = self._line()
        portal.watch = lambda: None
        while any("process_request" in one.name for one in threading.enumerate()):
            time.sleep(0.001)  # the portal still answers who is no more
        return code


@pytest.fixture(scope="module")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Children]:
    children = Children(tmp_path_factory.mktemp("children"))
    yield children
    _, errors = children.process.communicate()
    assert "Traceback" not in errors, errors
    assert "Warning" not in errors, errors


@pytest.fixture
def larger(portal: Portal) -> Portal:
    """Of six files of a few pieces each, and nothing else."""
    shutil.rmtree(portal.folder / "files")
    write_files(portal.folder, FILES, seed=3)
    return portal


@pytest.mark.parametrize("sizes", [True, False], ids=["sizes known", "sizes not known"])
@pytest.mark.parametrize("seed", range(10))
def test_killed_at_a_random_moment_and_run_to_the_end(
    sizes: bool, seed: int, larger: Portal, children: Children, out: Path, tmp_path: Path
) -> None:
    wanted = [blind(one, size=sizes) for one in remotes(larger)]
    if seed % 2:  # some of it goes wrong as well
        larger.faults.add(Fault(wanted[1].name, "truncate", 1))
        larger.faults.add(Fault(wanted[2].name, "503", 1))
    moment = int(np.random.default_rng(seed).integers(1, 24))
    assert children.run(larger, wanted, out, moment, signal.SIGKILL) == -signal.SIGKILL
    complete = {one.name for one in wanted if (out / one.name).exists()}
    first = len(larger.requests)
    assert download(wanted, out, Time().options()).failed == {}
    undisturbed = tmp_path / "undisturbed"
    asked = larger.requests[first:]
    assert download(wanted, undisturbed, Time().options()).failed == {}
    assert contents(out) == contents(undisturbed) == contents(larger.folder / "files")
    again = {one.path.rpartition("/")[2] for one in asked}
    assert again & complete == set()
    for one in wanted:  # and of what was half there only the rest was asked for
        later = [a for a in asked if a.path == f"/s3/{one.name}" and a.status != 416]
        assert sum(a.sent for a in later) <= FILES[one.name]


def test_killed_again_and_again(larger: Portal, children: Children, out: Path) -> None:
    wanted = remotes(larger)
    n_kills = 0
    # A little later each time: on a busy machine ten steps may bring no byte to the disk.
    while code := children.run(larger, wanted, out, 10 + n_kills, signal.SIGKILL):
        assert code == -signal.SIGKILL
        n_kills += 1
        assert n_kills < 80
    assert n_kills >= 2
    assert contents(out) == contents(larger.folder / "files")
    assert {len(log(larger, one.name)) >= 1 for one in wanted} == {True}


@pytest.mark.parametrize("moment", [1, 4, 9, 15])
def test_ctrl_c_keeps_the_parts(moment: int, larger: Portal, children: Children, out: Path) -> None:
    wanted = remotes(larger)
    if moment < 5:
        larger.faults.add(Fault("*", "stall"))  # a minute without a byte, if it did not end at once
    assert children.run(larger, wanted, out, moment, signal.SIGINT) == 130
    parts = {p.name: p.stat().st_size for p in out.glob(".*.part")}
    first = len(larger.requests)
    larger.faults.clear()
    assert children.run(larger, wanted, out) == 0
    assert contents(out) == contents(larger.folder / "files")
    ranges = {a.path[4:]: a.range for a in larger.requests[first:] if a.path[:4] == "/s3/"}
    for name, size in parts.items():
        if size < FILES[name[1:-5]]:  # a whole one is checked and not asked for
            assert ranges[name[1:-5]] == (f"bytes={size}-" if size else None)
