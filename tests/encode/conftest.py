"""A portal over HTTP on loopback, and a clock that nobody waits for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nucleotides.portal.server import Portal
from tests.encode.serving import Time, write_files


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with Portal(write_files(tmp_path / "portal")) as portal:
        yield portal


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Portal]:
    """Another host with the same files."""
    with Portal(write_files(tmp_path / "mirror")) as mirror:
        yield mirror


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where downloads go; not there yet."""
    return tmp_path / "bed"
