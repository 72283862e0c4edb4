"""Files that are mapped, let go of, and read instead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.errors import CorruptStoreError
from nucleotides.mapped_memory import ArrayFile, let_go, mapped_bytes, mapped_from


def mapped(path: Path, n: int = 1000) -> np.ndarray:
    save_arrays(path, {"first": np.arange(7), "second": np.arange(n, dtype=np.uint32)})
    return open_arrays(path)["second"]


def test_elements_are_read_to_their_places(tmp_path: Path) -> None:
    file = ArrayFile(mapped(tmp_path / "a"))
    out = np.zeros(9, np.uint32)
    file.read(np.array([990, 5, 0]), np.array([3, 2, 0]), np.array([1, 6, 0]), out)
    assert out.tolist() == [0, 990, 991, 992, 0, 0, 5, 6, 0]


def test_a_file_cut_short_meanwhile(tmp_path: Path) -> None:
    array = mapped(tmp_path / "a")
    file = ArrayFile(array)
    with (tmp_path / "a").open("r+b") as handle:
        handle.truncate(200)
    with pytest.raises(CorruptStoreError, match="shorter than it was"):
        file.read(np.array([900]), np.array([10]), np.array([0]), np.empty(10, np.uint32))


def test_pages_that_are_let_go_can_be_read_again(tmp_path: Path) -> None:
    array = mapped(tmp_path / "a", 30_000_000)
    before = mapped_bytes()
    assert int(array[::1024].sum()) > 0
    held = mapped_bytes()
    let_go([array, np.arange(3)])
    if before:  # a system that tells
        assert held - before > 100_000_000
        assert held - mapped_bytes() > 100_000_000
    assert array[12345] == 12345


def test_what_is_mapped(tmp_path: Path) -> None:
    assert mapped_from(mapped(tmp_path / "a")) is not None
    assert mapped_from(np.arange(3)) is None
