"""A union in bounded memory is the union."""

from __future__ import annotations

import numpy as np
import pytest

from nucleotides.genome.ranges import merge
from nucleotides.targets import union as module
from nucleotides.targets.union import union


@pytest.mark.parametrize("at_once", [0, 7, 10**6])
def test_however_many_at_once(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    rng = np.random.default_rng(0)
    starts = rng.integers(0, 5000, (30, 5))
    layers = [merge(row, row + rng.integers(1, 90, 5)) for row in starts]
    found = union(iter(layers))
    covered = np.zeros(6000, bool)
    for layer in layers:
        for start, end in zip(*layer, strict=True):
            covered[start:end] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[0], covered, [0]]).astype(int)))
    assert found.starts.tolist() == edges[::2].tolist()
    assert found.ends.tolist() == edges[1::2].tolist()
    assert not union([]).starts.size
