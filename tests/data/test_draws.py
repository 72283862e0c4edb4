"""Random numbers that are a pure function of where they are used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.data.draws import uniform

N = 100_000
INDEX = np.arange(N)
EVERY = [
    pytest.param((seed, epoch, stream), id=f"seed{seed}-epoch{epoch}-stream{stream}")
    for seed, epoch, stream in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (2**63, 9, 131)]
]


def chi_square(values: np.ndarray, cells: int) -> float:
    """Chi-square over its degrees of freedom: about 1 for uniform numbers."""
    counts = np.bincount((values * cells).astype(int), minlength=cells)
    expected = values.size / cells
    return float(((counts - expected) ** 2 / expected).sum() / (cells - 1))


@given(
    st.integers(-(2**70), 2**70),
    st.integers(0, 10**6),
    st.lists(st.integers(0, 2**62), min_size=1, max_size=20),
    st.integers(0, 1 << 20),
)
def test_pure_and_within_0_and_1(seed: int, epoch: int, index: list[int], stream: int) -> None:
    values = uniform(seed, epoch, np.array(index), stream)
    assert (values >= 0).all()
    assert (values < 1).all()
    alone = [uniform(seed, epoch, np.array([i]), stream)[0] for i in index]
    assert values.tolist() == alone


@pytest.mark.parametrize("where", EVERY)
def test_uniform(where: tuple[int, int, int]) -> None:
    seed, epoch, stream = where
    values = uniform(seed, epoch, INDEX, stream)
    assert np.unique(values).size == N
    # 5 standard deviations of chi-square / degrees of freedom: 5 sqrt(2 / degrees).
    for cells in (2, 16, 1000):
        assert abs(chi_square(values, cells) - 1) < 5 * np.sqrt(2 / (cells - 1))
    for bit in range(1, 20):
        ones = (values * 2.0**bit % 1 >= 0.5).mean()
        assert abs(ones - 0.5) < 5 * 0.5 / np.sqrt(N)


@pytest.mark.parametrize("lag", [1, 2, 63, 64, 1024])
def test_neighbours_are_unlike(lag: int) -> None:
    values = uniform(0, 0, INDEX, 0)
    pairs = chi_square((np.floor(values[:-lag] * 16) + values[lag:]) / 16, 256)
    assert abs(pairs - 1) < 5 * np.sqrt(2 / 255)


@pytest.mark.parametrize(
    "other",
    [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 2, 0), (0, 0, 2), (7, 1, 0), (0, 1, 1), (1, 1, 1)],
)
def test_seeds_epochs_and_streams_are_unlike(other: tuple[int, int, int]) -> None:
    values = uniform(0, 0, INDEX, 0)
    seed, epoch, stream = other
    others = uniform(seed, epoch, INDEX, stream)
    assert abs(np.corrcoef(values, others)[0, 1]) < 5 / np.sqrt(N)
    for shift in (-1, 0, 1):
        assert not np.isin(values, np.roll(others, shift)).any()
    pairs = chi_square((np.floor(values * 16) + others) / 16, 256)
    assert abs(pairs - 1) < 5 * np.sqrt(2 / 255)
