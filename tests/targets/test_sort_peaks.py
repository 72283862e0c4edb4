"""All peaks in order, however many stretches they are dealt to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nucleotides.targets import TargetStore, sort_peaks
from tests import toy

CONTIGS = {"chr2": 4000, "chr1": 900, "x": 5}


@pytest.mark.parametrize("at_once", [1, 9, 10**6])
def test_as_lexsort_has_them(at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sort_peaks, "_AT_ONCE", at_once)
    tables = {f"t{i}": toy.peaks(i // 2, CONTIGS, n=30) for i in range(6)}  # pairs are alike
    store = TargetStore.build(tables, CONTIGS, tmp_path / "store")
    peaks = [store.peak_cells(task) for task in tables]
    starts, ends = (np.concatenate(column) for column in zip(*peaks, strict=True))
    tasks = np.repeat(np.arange(6), [p.starts.size for p in peaks])
    order = np.lexsort((tasks, ends, starts))
    found = [np.concatenate(column) for column in zip(*sort_peaks.sort_peaks(store), strict=True)]
    for mine, expected in zip(found, (starts, ends, tasks), strict=True):
        assert np.array_equal(mine, expected[order])
