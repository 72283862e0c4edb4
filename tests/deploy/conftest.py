"""Storages, as tests/storage has them; children that can be stopped."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.stopper import Stopper
from tests.storage.conftest import keys, proxy, s3, storage

__all__ = ["keys", "proxy", "quick", "s3", "stopper", "storage"]


@pytest.fixture(scope="session")
def stopper() -> Iterator[Stopper]:
    made = Stopper()
    yield made
    made.close()


@pytest.fixture
def quick() -> Iterator[Path]:
    """A folder in memory where there is one: bringing bytes to a disk takes its time."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
