"""Fixtures for whatever is kept in a folder or in an object store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nucleotides.storage import Storage, Tries, open_storage
from tests.storage.s3 import VARIABLES, Proxy, server

QUICK = Tries(retries=4, first_wait=0.001, longest_wait=0.01, timeout=20.0)


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server that has a bucket called `bucket`."""
    with server() as address:
        yield address


@pytest.fixture
def proxy(s3: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before that server, and its address."""
    made = Proxy(s3)
    with made.run() as address:
        yield made, address


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials in the environment."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty storage of either kind."""
    if request.param == "folder":
        return open_storage(tmp_path / "storage")
    request.getfixturevalue("keys")
    address = request.getfixturevalue("s3")
    return open_storage(f"s3://bucket/{tmp_path.name}", endpoint=address, tries=QUICK)
