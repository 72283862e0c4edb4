"""Windows written as one-hot, and windows read from the file, against windows as codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.genome import GenomeStore
from nucleotides.genome.alphabet import one_hot
from nucleotides.genome.ranges import covered_within
from tests import toy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.genome_store(tmp_path_factory.mktemp("genome")).path


places = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-900, 6900), st.booleans()), min_size=1, max_size=9
)


def arrays(chosen: list[tuple[int, int, bool]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    contigs, starts, reverse = zip(*chosen, strict=True)
    return np.array(contigs), np.array(starts), np.array(reverse)


@given(places, st.integers(1, 300))
def test_one_hot_is_that_of_the_codes(folder: Path, chosen: list, length: int) -> None:
    store = GenomeStore.open(folder)
    contigs, starts, reverse = arrays(chosen)
    expected = one_hot(store.windows(contigs, starts, length, reverse))
    found = store.one_hot_windows(contigs, starts, length, reverse)
    assert found.dtype == np.float32
    assert np.array_equal(found, expected)
    room = np.full_like(found, np.nan)
    assert store.one_hot_windows(contigs, starts, length, reverse, room) is room
    assert np.array_equal(room, expected)


@given(places, st.integers(1, 300))
def test_reading_gives_what_the_mapping_gives(folder: Path, chosen: list, length: int) -> None:
    contigs, starts, reverse = arrays(chosen)
    mapped, read = GenomeStore.open(folder), GenomeStore.open(folder)
    read.read_from_now_on()
    read.read_from_now_on()
    for way in ("windows", "one_hot_windows"):
        expected = getattr(mapped, way)(contigs, starts, length, reverse)
        assert np.array_equal(getattr(read, way)(contigs, starts, length, reverse), expected)


@given(places, st.integers(1, 3000))
def test_known_bases_are_those_outside_of_all_runs(folder: Path, chosen: list, length: int) -> None:
    store = GenomeStore.open(folder)
    contigs, starts, _ = arrays(chosen)
    low = store.offsets[contigs] + np.clip(starts, 0, store.lengths[contigs])
    high = store.offsets[contigs] + np.clip(starts + length, 0, store.lengths[contigs])
    expected = (high - low) - covered_within(store.unknown, low, high)
    assert store.known_bases(contigs, starts, length).tolist() == expected.tolist()
    n = (store.windows(contigs, starts, length) < 4).sum(1)
    assert n.tolist() == expected.tolist()


def test_a_genome_without_n(tmp_path: Path) -> None:
    store = toy.genome_store(tmp_path, {"chr1": toy.sequence(500)})
    assert store.known_bases(np.array([0, 0]), np.array([-10, 450]), 100).tolist() == [90, 50]
