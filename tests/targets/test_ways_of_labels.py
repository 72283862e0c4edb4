"""Labels as floats, as bits, and from an index that is read: the labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.genome.ranges import Ranges
from nucleotides.targets import TargetStore
from nucleotides.targets.index import StabbingIndex
from nucleotides.targets.index_file import IndexFile
from tests import toy

CONTIGS = {"tiny": 3, "big": 9000, "mid": 3000}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> TargetStore:
    folder: Path = tmp_path_factory.mktemp("targets")
    tables = {f"t{i}": toy.peaks(i, CONTIGS, n=60, widest=900) for i in range(19)}
    return TargetStore.build(tables, CONTIGS, folder / "store")


places = st.lists(st.tuples(st.integers(0, 2), st.integers(-900, 9900)), min_size=1, max_size=20)


@given(places, st.sampled_from([(200, 0.5), (50, 0.1)]))
def test_floats_and_bits_are_the_labels(store: TargetStore, chosen: list, rule: tuple) -> None:
    contigs, centres = (np.array(values) for values in zip(*chosen, strict=True))
    labels = store.labels_at(contigs, centres, *rule)
    floats = store.float_labels_at(contigs, centres, *rule)
    assert floats.dtype == np.float32
    assert np.array_equal(floats, labels)
    room = np.full_like(floats, np.nan)
    assert store.float_labels_at(contigs, centres, *rule, out=room) is room
    assert np.array_equal(room, labels)
    bits = store.packed_labels_at(contigs, centres, *rule)
    assert bits.shape == (len(chosen), 3)
    assert np.array_equal(np.unpackbits(bits, axis=1, bitorder="little")[:, :19], labels)


@given(places)
def test_an_index_that_is_read_answers_the_same(store: TargetStore, chosen: list) -> None:
    contigs, centres = (np.array(values) for values in zip(*chosen, strict=True))
    index, layout = store.index(200, 0.5)
    everywhere = np.arange(0, layout.n_cells, 97)
    cells = np.concatenate([layout.cells(contigs, centres), everywhere, [255]])
    for way, kind, width in (("stab", "u1", 19), ("stab", "f4", 19), ("stab_bits", "u1", 3)):
        expected, found = np.empty((2, cells.size, width), kind)
        getattr(index, way)(cells, expected)
        getattr(IndexFile(index), way)(cells, found)
        assert np.array_equal(found, expected)
        assert expected.any()


@pytest.mark.parametrize("n_tasks", [1, 40_000])
def test_an_index_with_nothing_and_with_wide_words(n_tasks: int) -> None:
    nothing = Ranges(np.empty(0, np.int64), np.empty(0, np.int64))
    some = Ranges(np.array([300]), np.array([1500]))
    index = StabbingIndex.build([*[nothing] * (n_tasks - 1), some], 2048)
    cells = np.array([0, 299, 300, 1499, 1500, 2047])
    out = np.empty((6, n_tasks), np.float32)
    index.stab(cells, out)
    assert out[:, -1].tolist() == [0, 0, 1, 1, 0, 0]
    assert not out[:, :-1].any()
