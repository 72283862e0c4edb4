"""The number of torch's threads, beside libraries that set it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from nucleotides.train.keep_threads import torch_keeps_its_threads


@pytest.fixture
def threads() -> Iterator[int]:
    known = torch.get_num_threads()
    torch.set_num_threads(known + 1)  # not the number that numba would set
    yield known + 1
    torch.set_num_threads(known)


def test_what_is_set_inside_is_set_back(threads: int) -> None:
    def fail() -> None:
        with torch_keeps_its_threads():
            torch.set_num_threads(threads + 1)
            raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        fail()
    assert torch.get_num_threads() == threads


def test_naming_motifs_leaves_it(threads: int) -> None:
    tomtom = pytest.importorskip("memelite").tomtom
    rng = np.random.default_rng(0)
    motifs = [rng.dirichlet(np.ones(4), 8).T.copy() for _ in range(30)]
    with torch_keeps_its_threads():
        tomtom(motifs, motifs)
    assert torch.get_num_threads() == threads
