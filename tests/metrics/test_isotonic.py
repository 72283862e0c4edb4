"""Isotonic curves against scikit-learn, and what they must keep."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from nucleotides.metrics.calibration import fit_recalibration
from nucleotides.metrics.isotonic import fit_isotonic
from nucleotides.metrics.monotone import Calibration
from nucleotides.metrics.ranked import Ranked
from tests.metrics.folds import draw, rank_windows, sigmoid, steps


def fit(ranked: Ranked) -> Calibration:
    curves = fit_isotonic(ranked, fit_recalibration(ranked))
    return Calibration.of(curves, [f"t{k}" for k in range(len(curves))])


def test_knots_are_the_blocks_of_scikit_learn() -> None:
    """Each block's mean logit, and its part of positives drawn towards the line's."""
    z, y = draw(6000, steps)
    z = z.round(1)  # many ties
    ranked = rank_windows(z, y)
    line = fit_recalibration(ranked)
    (curve,) = fit_isotonic(ranked, line)
    fitted = IsotonicRegression().fit_transform(z[:, 0], y[:, 0])
    expected = []
    for rate in np.unique(fitted):
        inside = fitted == rate
        q = sigmoid(float(line.slope) * z[inside, 0] + float(line.offset)).mean()
        m = 1 / min(q, 1 - q)
        expected.append((z[inside, 0].mean(), (y[inside].sum() + m * q) / (inside.sum() + m)))
    x, rates = np.array(expected).T
    assert (np.diff(rates) > 0).all()  # else the case is of no use here
    np.testing.assert_allclose(curve.x, x, rtol=1e-5)
    np.testing.assert_allclose(sigmoid(curve.y), rates, rtol=1e-5)


def test_with_many_windows_the_rates_are_scikit_learns() -> None:
    z, y = draw(8000, steps)
    z = np.digitize(z, [-2, 0.0, 1.0]).astype(float)
    curve = fit(rank_windows(z, y))
    fitted = IsotonicRegression().fit_transform(z[:, 0], y[:, 0])
    np.testing.assert_allclose(sigmoid(curve.apply(z))[:, 0], fitted, rtol=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_windows_is_kept(seed: int) -> None:
    z, y = draw(3000, lambda z: sigmoid(z - 3), tasks=4, seed=seed)
    calibration = fit(rank_windows(z, y))
    wide = np.linspace(-30, 30, 4001)[:, None].repeat(4, 1)
    assert (np.diff(calibration.apply(wide), axis=0) > 0).all()
    order = z.argsort(0)
    before, after = (np.take_along_axis(v, order, 0) for v in (z, calibration.apply(z)))
    assert np.array_equal(np.diff(after, axis=0) > 0, np.diff(before, axis=0) > 0)


@pytest.mark.parametrize("spread", [0.0, 1e-3, 1.0, 40.0, 1e30])
def test_scores_that_tell_all_or_nothing(spread: float) -> None:
    y = (np.arange(400) % 40 == 0).astype(float)[:, None]
    z = (spread * (2 * y - 1)).astype(np.float32).astype(float)
    found = sigmoid(np.clip(fit(rank_windows(z, y)).apply(z), -700, 700))
    assert np.isfinite(found).all()
    assert 0 < found.min() <= found.max() < 1
    assert abs(found - (y if spread >= 1 else y.mean())).mean() < (0.06 if spread < 1 else 0.02)


def test_a_lone_positive_hardly_leaves_the_line() -> None:
    z, y = draw(4000, lambda z: 0 * z)
    y[z.argmax()] = 1
    ranked = rank_windows(z, y)
    line = fit_recalibration(ranked)
    q = float((line.slope * z.max() + line.offset).sigmoid())
    (curve,) = fit_isotonic(ranked, line)
    m = 1 / q
    assert sigmoid(curve.y[-1]) == pytest.approx((1 + m * q) / (1 + m), rel=1e-4)


def test_one_class_keeps_its_line() -> None:
    z = np.random.default_rng(0).normal(size=(50, 2))
    y = np.repeat([[0.0, 1.0]], 50, 0)
    assert fit(rank_windows(z, y)).methods == ["none", "none"]


def test_knots_of_almost_one_rate_lie_apart() -> None:
    z = np.repeat([[0.0], [1.0], [2.0]], 9000, 0)
    y = np.zeros((27_000, 1))
    y[:4500], y[9000:13_501], y[18_000:22_502] = 1, 1, 1
    curve = fit(rank_windows(z, y))
    assert curve.x.shape == (1, 3)
    assert curve.y.diff(dim=1).tolist()[0] == pytest.approx([0.001, 0.001], rel=0.1)
