"""Counting positives: as counting labels position by position."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.genome.ranges import Ranges, merge
from nucleotides.targets import TargetStore
from nucleotides.targets.count import Measure, count_within, peaks_by_stretch, weigh
from nucleotides.targets.layout import Layout
from tests import toy

pairs = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6)), min_size=2, max_size=12)


def ranges(spans: list[tuple[int, int]]) -> Ranges:
    array = np.array(spans, np.int64).reshape(-1, 2)
    return merge(array[:, 0], array[:, 0] + array[:, 1])


@given(pairs, pairs, st.data())
def test_a_measure_sums_its_density_over_intervals(
    some: list[tuple[int, int]], others: list[tuple[int, int]], data: st.DataObject
) -> None:
    where, asked = ranges(some), ranges(others)
    density = np.array([data.draw(st.integers(1, 9)) for _ in where.starts])
    flat = np.zeros(300)
    for start, end, height in zip(*where, density, strict=True):
        flat[start:end] = height
    expected = sum(flat[start:end].sum() for start, end in zip(*asked, strict=True))
    assert Measure.of(where, density).of_intervals(asked) == expected
    assert Measure.of(where, density / 4).of_intervals(asked) == expected / 4
    plain = Measure.of(where).of_intervals(asked)
    assert plain == sum((flat[s:e] > 0).sum() for s, e in zip(*asked, strict=True))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> TargetStore:
    folder = tmp_path_factory.mktemp("store")
    return toy.target_store(folder, toy.genome_store(folder), n_tasks=70)


@pytest.mark.parametrize(("bin", "threshold"), [(200, 0.5), (50, 0.1), (301, 1.0)])
def test_counts_are_those_of_labels(bin: int, threshold: float, store: TargetStore) -> None:
    layout = Layout(store.contigs, bin)
    parts = [
        [ranges([(0, 10), (90, 30)]), ranges([(0, 4000)]), ranges([]), ranges([(2400, 100)])],
        [ranges([]), ranges([]), ranges([(0, 7)]), ranges([])],
        [ranges([])] * 4,
        [ranges([(0, 6000)]), ranges([]), ranges([]), ranges([(5, 1)])],
    ]
    cells = [layout.join(part) for part in parts]
    found = count_within(store, cells, bin, threshold)
    density = np.arange(1, cells[0].starts.size + 1) / 8
    weighed = weigh(store, Measure.of(cells[0], density), bin, threshold)
    expected, heavy = np.zeros((4, 70), int), np.zeros(70)
    for number, part in enumerate(parts):
        k = 0
        for name, spans in zip(store.contigs, part, strict=True):
            for start, end in zip(*spans, strict=True):
                labels = store.labels(name, np.arange(start, end), bin, threshold)
                expected[number] += labels.sum(0, dtype=int)
                if number == 0:
                    heavy += density[k] * labels.sum(0, dtype=int)
                    k += 1
    assert found.dtype == np.int64
    assert found.tolist() == expected.tolist()
    assert weighed == pytest.approx(heavy)
    assert store.count_positive(parts[0], bin, threshold).tolist() == expected[0].tolist()


def test_peaks_by_stretch(store: TargetStore) -> None:
    found = peaks_by_stretch(store, 700)
    for (name, length), counts in zip(store.contigs.items(), found, strict=True):
        expected = np.zeros(-(-length // 700), int)
        for task in store.tasks["task"]:
            table = store.peaks(task)
            starts = table.loc[table["chrom"] == name, "start"].to_numpy(int)
            expected += np.bincount(starts // 700, minlength=expected.size)
        assert counts.tolist() == expected.tolist()


def test_a_store_of_no_region(store: TargetStore, tmp_path: Path) -> None:
    del tmp_path
    nothing = [ranges([])] * 4
    assert store.count_positive(nothing).tolist() == [0] * 70
