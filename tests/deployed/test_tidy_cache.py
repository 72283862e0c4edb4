"""What nobody asks for leaves the cache; what somebody does stays whole."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nucleotides.deployed import fetch_deployed, has_changed
from nucleotides.deployed.tidy_cache import KEPT, tidy_cache
from nucleotides.storage import open_storage
from tests.deploy.deployment import contents, expected, send, write_parts
from tests.deploy.stopper import Stopper

LONG_AGO = time.time() - 2 * KEPT


def forget(cache: Path) -> None:
    """Nobody has asked for anything of this cache in a long time."""
    for path in cache.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


class Deployment:
    """A folder to which states are sent, and a cache."""

    def __init__(self, folder: Path) -> None:
        self.url, self.cache = str(folder / "storage"), folder / "cache"
        self._parts = folder / "parts"

    def send(self, state: int) -> dict[str, bytes]:
        """Upload a state, and return what a copy of it has."""
        parts = write_parts(self._parts, state)
        send(open_storage(self.url), parts, f"v{state}")
        return expected(parts)

    def fetch(self, state: int | None = None) -> Path:
        """A copy of a state, or of the latest."""
        return fetch_deployed(self.url, self.cache, version=None if state is None else f"v{state}")

    def n_files(self) -> int:
        """Files that the cache keeps."""
        return sum(path.is_file() for path in (self.cache / "files").iterdir())


@pytest.fixture
def deployed(quick: Path) -> Deployment:
    return Deployment(quick)


def test_an_old_copy_goes_when_a_new_one_comes(deployed: Deployment) -> None:
    old_content = deployed.send(0)
    old = deployed.fetch()
    forget(deployed.cache)
    new_content = deployed.send(1)
    new = deployed.fetch()
    assert contents(new) == new_content
    assert not old.exists()
    assert deployed.n_files() == len(new_content)  # the genome, which both have, was not fetched
    assert contents(deployed.fetch(0)) == old_content


def test_copies_that_are_asked_for_stay(deployed: Deployment) -> None:
    contents_of = [deployed.send(state) for state in range(4)]
    copies = [deployed.fetch(state) for state in range(3)]
    forget(deployed.cache)
    assert deployed.fetch(0) == copies[0]
    assert has_changed(deployed.url, copies[1])
    deployed.fetch(3)
    assert [copy.exists() for copy in copies] == [True, True, False]
    for copy, wanted in zip(copies[:2], contents_of, strict=False):
        assert contents(copy) == wanted


def test_copies_of_a_part_keep_their_files(deployed: Deployment) -> None:
    wanted = deployed.send(0)
    part = fetch_deployed(deployed.url, deployed.cache, parts=("model",))
    assert tidy_cache(deployed.cache, time.time() + KEPT / 2) == 0
    assert contents(part) == {path: v for path, v in wanted.items() if path.startswith("model/")}


def test_what_others_put_there_stays(deployed: Deployment) -> None:
    deployed.send(0)
    deployed.fetch()
    strange = [deployed.cache / place for place in ("notes.txt", "files/notes", "versions/mine/a")]
    strange += [deployed.cache / "files" / name for name in (".mine.part", f".{'0' * 64}x.part")]
    strange += [deployed.cache / "versions" / name for name in (".mine.part/a", ".mine.1a.part/a")]
    strange += [deployed.cache / "versions" / f"{'0' * 64}.bak" / "version.json"]
    for path in strange:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    forget(deployed.cache)
    assert tidy_cache(deployed.cache) == 1
    assert [path.read_text() for path in strange] == ["mine"] * len(strange)
    assert deployed.n_files() == 3


def test_a_damaged_manifest_keeps_all_files(deployed: Deployment) -> None:
    wanted = deployed.send(0)
    deployed.fetch()
    deployed.send(1)
    other = deployed.fetch()
    forget(deployed.cache)
    os.utime(other / "version.json")
    (other / "deployment.json").write_text("{")
    assert tidy_cache(deployed.cache) == 1
    assert deployed.n_files() > len(wanted)


def tidy_from_child(cache: str) -> None:
    """Tidy."""
    tidy_cache(Path(cache))


@pytest.fixture
def stopper() -> Iterator[Stopper]:
    one = Stopper()
    yield one
    one.close()


def test_killed_at_every_operation(stopper: Stopper, deployed: Deployment) -> None:
    """What was asked for is whole, and what is asked for again becomes so."""
    old, new = deployed.send(0), deployed.send(1)
    call = ("tests.deployed.test_tidy_cache", "tidy_from_child", str(deployed.cache))

    def prepare() -> Path:
        shutil.rmtree(deployed.cache, ignore_errors=True)
        deployed.fetch(0)
        copy = deployed.fetch(1)
        forget(deployed.cache)
        os.utime(copy / "version.json")
        return copy

    prepare()
    code, steps = stopper.call(*call)
    assert code == 0
    assert steps > len(old)
    for stop_at in range(1, steps + 1):
        copy = prepare()
        assert stopper.call(*call, stop_at=stop_at)[0] == -9
        assert contents(copy) == new
        assert stopper.call(*call)[0] == 0
        assert not list(deployed.cache.rglob("*.part")), stop_at
        assert deployed.n_files() == len(new)
        assert contents(deployed.fetch(0)) == old
