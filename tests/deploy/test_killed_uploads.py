"""Uploads that are killed, and readers that see an old version or a new one."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nucleotides.deploy.versions import check_versions
from nucleotides.deployed import fetch_deployed
from nucleotides.storage import Storage, open_storage
from tests.deploy.deployment import contents, expected, send, write_parts
from tests.deploy.stopper import Stopper
from tests.storage.conftest import QUICK
from tests.storage.s3 import Harm, Proxy

CHILD = "tests.deploy.deployment"
N_KILLS = 20


class Reader:
    """Reads the latest version, from the store to the last byte, whenever it is told to."""

    def __init__(self, storage: Storage, folder: Path) -> None:
        self.storage, self.folder = storage, folder
        self.go, self.over = threading.Event(), threading.Event()
        self.seen: list[dict[str, bytes]] = []
        self.errors: list[BaseException] = []

    def _loop(self) -> None:
        while not self.over.is_set():
            self.go.wait()
            self.go.clear()
            try:
                copy = fetch_deployed(self.storage, self.folder / str(len(self.seen)))
                self.seen.append(contents(copy))
            except BaseException as error:
                self.errors.append(error)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read, on a thread of its own, as often as `go` is set."""
        thread = threading.Thread(target=self._loop)
        thread.start()
        try:
            yield
        finally:
            self.over.set()
            self.go.set()
            thread.join()


@pytest.mark.usefixtures("keys")
def test_killed_at_random_requests(
    stopper: Stopper, proxy: tuple[Proxy, str], s3: str, tmp_path: Path, quick: Path
) -> None:
    """An S3 store over HTTP: the child dies as a request comes, or when it was carried out."""
    harmful, address = proxy
    url, pid = f"s3://bucket/{tmp_path.name}", quick / "pid"
    direct = open_storage(url, endpoint=s3, tries=QUICK)
    versions = [expected(write_parts(quick / "parts", state)) for state in range(N_KILLS + 2)]
    send(direct, write_parts(quick / "parts", 0))
    child = (CHILD, "send_from_child", url, address, str(quick / "parts"))
    assert stopper.call(*child, 1, str(pid))[0] == 0
    n_requests = len(harmful.requests)
    draw = random.Random(0)
    ways: list[Harm] = ["kill before", "kill after"]
    moments = draw.sample([(n, way) for n in range(1, n_requests + 1) for way in ways], N_KILLS)
    reader, harmful.victim = Reader(direct, quick), lambda: int(pid.read_text())
    with reader.reading():
        for state, (moment, way) in enumerate(moments, 2):
            begin = len(harmful.requests)
            read_at = begin + draw.randint(1, moment)

            def harm(
                n: int, *_: str, read_at: int = read_at, at: int = begin + moment, way: Harm = way
            ) -> Harm:
                if n == read_at:
                    reader.go.set()
                return way if n == at else None

            harmful.harm = harm
            assert stopper.call(*child, state, str(pid))[0] == -9
            harmful.harm = lambda *_: None
            after_the_kill = contents(fetch_deployed(direct, quick / "cache"))
            assert after_the_kill in versions[state - 1 : state + 1], (moment, way)
            assert stopper.call(*child, state, str(pid))[0] == 0
            assert contents(fetch_deployed(direct, quick / "cache")) == versions[state]
    assert reader.errors == []
    assert len(reader.seen) > N_KILLS // 2
    assert all(one in versions for one in reader.seen)
    check_versions(direct)


def test_killed_at_every_operation_on_files(stopper: Stopper, quick: Path) -> None:
    """A folder: the child dies before each of its operations; what it was writing is cut.

    The upload that is repeated has another name, as it has a second later.
    """
    url, pid = str(quick / "storage"), quick / "pid"
    storage = open_storage(url)
    child = (CHILD, "send_from_child", url, None, str(quick / "parts"))
    old = expected(write_parts(quick / "parts", 0))
    send(storage, write_parts(quick / "parts", 0))
    _, steps = stopper.call(*child, 1, str(pid))
    new = expected(write_parts(quick / "parts", 1))
    for stop_at in range(1, steps + 1):
        shutil.rmtree(storage_path := quick / "storage")
        send(storage, write_parts(quick / "parts", 0))
        code, _ = stopper.call(*child, 1, str(pid), stop_at=stop_at, half=True)
        assert code == -9
        shutil.rmtree(quick / "cache", ignore_errors=True)
        assert contents(fetch_deployed(storage, quick / "cache")) in (old, new), stop_at
        assert stopper.call(*child, 1, str(pid), f"other-{stop_at}")[0] == 0
        assert contents(fetch_deployed(storage, quick / "cache")) == new
        assert not list(storage_path.rglob("*.part")), stop_at


@pytest.mark.parametrize("half", [False, True])
def test_a_fetch_that_is_killed_goes_on(half: bool, stopper: Stopper, quick: Path) -> None:
    url, cache = str(quick / "storage"), quick / "cache"
    parts = write_parts(quick / "parts", 0)
    send(open_storage(url), parts)
    child = (CHILD, "fetch_from_child", url, None, str(cache))
    _, steps = stopper.call(*child)
    for stop_at in range(1, steps + 1, 4 + half):
        shutil.rmtree(cache)
        stopper.call(*child, stop_at=stop_at, half=half)
        assert contents(fetch_deployed(url, cache)) == expected(parts), stop_at
