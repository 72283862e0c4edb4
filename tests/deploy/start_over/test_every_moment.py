"""Start-over and restore, killed before each of their operations on files, and repeated."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.start_over.round import GO, STAY, Tree, tree, write
from tests.deploy.stopper import Stopper

CALLS = "tests.deploy.start_over.round"
GONE = ("data/training/targets/manifest.json", "data/training/targets/tasks.tsv", *GO[5:7])
FEW = (*GONE, *STAY[:4])
"""Enough files for every kind of step; a test repeats them once for each step."""


@pytest.fixture(params=["same file system", "another file system"])
def folders(
    request: pytest.FixtureRequest, tmp_path: Path, quick: Path
) -> Iterator[tuple[Path, Path]]:
    """Where files are and where archives go."""
    if request.param == "same file system":
        yield quick / "top", quick / "archive"
    elif quick.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip(f"needs a second file system: {quick} is on that of {tmp_path}")
    else:
        yield tmp_path / "top", quick / "archive"


def fill(top: Path, archive: Path) -> Tree:
    for folder in (top, archive):
        shutil.rmtree(folder, ignore_errors=True)
    write(top, FEW)
    link = top / "data/metadata/chip.tsv"
    link.symlink_to("dnase.tsv")
    os.utime(link, ns=(5, 5), follow_symlinks=False)
    return tree(top)


def archived(archive: Path) -> list[Tree]:
    """The files of each archive; nothing else is in their folder."""
    folders = sorted(archive.iterdir())
    assert not [folder for folder in folders if folder.name.startswith(".")]
    assert all((folder / "journal.json").is_file() for folder in folders)
    return [tree(folder / "files") for folder in folders]


def check_nothing_is_lost(before: Tree, top: Path, archive: Path) -> None:
    """Each file is whole in its place or in the archive."""
    kept = [tree(folder) for folder in archive.glob("*/files")]
    for name, state in before.items():
        assert state in [here.get(name) for here in (tree(top), *kept)], name


def test_start_over(stopper: Stopper, folders: tuple[Path, Path]) -> None:
    top, archive = folders
    before = fill(top, archive)
    code, steps = stopper.call(CALLS, "run", str(top), str(archive))
    after, kept = tree(top), archived(archive)
    assert code == 0
    assert set(after) == set(STAY[:4])
    assert [{**after, **one} for one in kept] == [before]
    for stop_at in range(1, steps + 1):
        fill(top, archive)
        code, _ = stopper.call(CALLS, "run", str(top), str(archive), stop_at=stop_at, half=True)
        assert code == -9
        check_nothing_is_lost(before, top, archive)
        assert stopper.call(CALLS, "run", str(top), str(archive))[0] == 0
        assert (tree(top), archived(archive)) == (after, kept), stop_at
        assert not (top / "data/training/targets").exists()


def test_restore(stopper: Stopper, folders: tuple[Path, Path]) -> None:
    top, archive = folders
    before = fill(top, archive)
    stopper.call(CALLS, "run", str(top), str(archive))
    code, steps = stopper.call(CALLS, "bring_back", str(top), str(archive))
    assert code == 0
    assert tree(top) == before
    assert list(archive.iterdir()) == []
    for stop_at in range(1, steps + 1):
        stopper.call(CALLS, "run", str(top), str(archive))
        at = {"stop_at": stop_at, "half": True}
        assert stopper.call(CALLS, "bring_back", str(top), str(archive), **at)[0] == -9
        check_nothing_is_lost(before, top, archive)
        assert stopper.call(CALLS, "bring_back", str(top), str(archive))[0] == 0
        assert tree(top) == before, stop_at
        assert list(archive.iterdir()) == [], stop_at
        shutil.rmtree(archive)


def test_undoing_a_start_over_that_was_killed(stopper: Stopper, quick: Path) -> None:
    top, archive = quick / "top", quick / "archive"
    before = fill(top, archive)
    _, steps = stopper.call(CALLS, "run", str(top), str(archive))
    for stop_at in range(1, steps + 1, 3):
        fill(top, archive)
        stopper.call(CALLS, "run", str(top), str(archive), stop_at=stop_at)
        assert stopper.call(CALLS, "bring_back", str(top), str(archive))[0] == 0
        assert tree(top) == before


def test_deleting(stopper: Stopper, quick: Path) -> None:
    top, archive = quick / "top", quick / "archive"
    fill(top, archive)
    _, steps = stopper.call(CALLS, "run_deleting", str(top), str(archive))
    after = tree(top)
    assert set(after) == set(STAY[:4])
    for stop_at in range(1, steps + 1):
        fill(top, archive)
        stopper.call(CALLS, "run_deleting", str(top), str(archive), stop_at=stop_at)
        assert stopper.call(CALLS, "run_deleting", str(top), str(archive))[0] == 0
        assert tree(top) == after
        assert archived(archive) == []


def test_overwriting_the_archive(stopper: Stopper, quick: Path) -> None:
    """The old archive is there until the new one is whole."""
    top, archive = quick / "top", quick / "archive"

    def two_rounds() -> None:
        fill(top, archive)
        stopper.call(CALLS, "run", str(top), str(archive))
        next(archive.iterdir()).rename(archive / "2000-01-01T00-00-00Z")
        write(top, GONE, salt="new ")

    two_rounds()
    old, new = tree(archive / "2000-01-01T00-00-00Z/files"), tree(top)
    _, steps = stopper.call(CALLS, "run_overwriting", str(top), str(archive))
    kept = archived(archive)
    assert [{**tree(top), **one} for one in kept] == [new]
    for stop_at in range(1, steps + 1):
        two_rounds()
        stopper.call(CALLS, "run_overwriting", str(top), str(archive), stop_at=stop_at)
        whole = [one for one in archived_or_begun(archive) if set(new) - set(STAY) <= set(one)]
        assert old in archived_or_begun(archive) or whole
        assert stopper.call(CALLS, "run_overwriting", str(top), str(archive))[0] == 0
        assert archived(archive) == kept, stop_at


def archived_or_begun(archive: Path) -> list[Tree]:
    return [tree(folder) for folder in archive.glob("*/files")]


def test_setting_aside(stopper: Stopper, quick: Path) -> None:
    """What is restored and what was in its way are both there, once each."""
    top, archive = quick / "top", quick / "archive"

    def two_rounds() -> None:
        fill(top, archive)
        stopper.call(CALLS, "run", str(top), str(archive))
        next(archive.iterdir()).rename(archive / "2000-01-01T00-00-00Z")
        write(top, GONE, salt="new ")

    before = fill(top, archive)
    two_rounds()
    new = {name: state for name, state in tree(top).items() if name not in STAY}
    _, steps = stopper.call(CALLS, "bring_first_back", str(top), str(archive))
    assert (tree(top), archived(archive)) == (before, [new])
    for stop_at in range(1, steps + 1, 2):
        two_rounds()
        stopper.call(CALLS, "bring_first_back", str(top), str(archive), stop_at=stop_at)
        assert stopper.call(CALLS, "bring_first_back", str(top), str(archive))[0] == 0
        assert tree(top) == before
        assert Counter(map(str, archived(archive))) == Counter([str(new)]), stop_at
