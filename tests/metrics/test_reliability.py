"""Reliability curves against plain numpy, with ties and without."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from nucleotides.metrics.calibration import Recalibration, calibration_error
from nucleotides.metrics.reliability import TOP, pooled, reliability
from tests.metrics.folds import draw, rank_windows, sigmoid

LINE = Recalibration(torch.tensor([0.7, 1.0]), torch.tensor([-0.5, 0.0]))


def groups_of(z: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Group of each window, (n,): by the middle of all windows of its score."""
    above = (z[:, None] < z).sum(1)
    equal = (z[:, None] == z).sum(1)
    return np.searchsorted(edges, (above + equal / 2) / len(z))


@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_groups_by_numpy(decimals: int) -> None:
    z, y = draw(2000, lambda z: sigmoid(z - 1), tasks=2)
    z = z.round(decimals).astype(np.float32).astype(float)
    found = reliability(rank_windows(z, y), LINE)
    p = sigmoid(z * [0.7, 1] - [0.5, 0])
    for task in range(2):
        group = groups_of(z[:, task], np.array(TOP))
        for k in range(len(TOP)):
            inside = group == k
            assert found.windows[task, k] == inside.sum()
            if inside.any():
                assert found.observed[task, k] == pytest.approx(y[inside, task].mean())
                assert found.expected[task, k] == pytest.approx(p[inside, task].mean(), rel=1e-6)
            else:
                assert np.isnan([found.observed[task, k], found.expected[task, k]]).all()
                assert np.isnan([found.low[task, k], found.high[task, k]]).all()


@pytest.mark.parametrize("decimals", [0, 9])
def test_groups_of_one_size_give_the_error(decimals: int) -> None:
    z, y = draw(3000, lambda z: sigmoid(z - 1), tasks=2)
    z = z.round(decimals)
    ranked = rank_windows(z, y)
    found = reliability(ranked, LINE, np.arange(1, 16) / 15)
    error = np.nansum(abs(found.expected - found.observed) * found.windows, 1) / 3000
    assert calibration_error(ranked, LINE).tolist() == pytest.approx(error.tolist())


def test_the_interval_is_that_of_scipy() -> None:
    z, y = draw(1000, lambda z: sigmoid(z - 3))
    found = reliability(rank_windows(z, y))
    for k in range(len(TOP)):
        n, observed = int(found.windows[0, k]), found.observed[0, k]
        exact = binomtest(round(n * observed), n).proportion_ci(0.95, "wilson")
        assert (found.low[0, k], found.high[0, k]) == pytest.approx((exact.low, exact.high))


def test_the_pooled_curve_counts_windows() -> None:
    z, y = draw(1000, lambda z: sigmoid(z - 1), tasks=3)
    z[:, 2] = 0  # one group holds them all
    found = reliability(rank_windows(z, y))
    whole = pooled(found)
    assert whole.windows.sum() == 3000
    positives = np.nansum(found.observed * found.windows, 0)
    np.testing.assert_allclose(whole.observed[0], positives / found.windows.sum(0))
    assert np.nansum(whole.expected * whole.windows) == pytest.approx(sigmoid(z).sum(), rel=1e-6)
    assert (whole.high - whole.low < np.nanmin(found.high - found.low, 0) + 1e-12).all()


def test_without_windows_there_is_no_curve() -> None:
    found = reliability(rank_windows(np.empty((0, 2)), np.empty((0, 2))))
    assert found.windows.sum() == 0
    assert np.isnan(found.observed).all()
    assert np.isnan(pooled(found).observed).all()
