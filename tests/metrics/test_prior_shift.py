"""The shift to another prevalence, on labels whose numbers alone changed."""

from __future__ import annotations

import numpy as np
import pytest

from nucleotides.metrics.calibration import Recalibration
from nucleotides.metrics.monotone import Calibration, line_curves
from nucleotides.metrics.prior_shift import prior_shift
from tests.metrics.folds import sigmoid


def test_the_mean_probability_becomes_the_prevalence() -> None:
    """Scores of both classes are normal, 2 apart: the logit of the posterior is known."""
    random = np.random.default_rng(0)
    old, new = np.array([0.3, 0.3, 0.1]), np.array([0.05, 0.3, 0.4])
    y = random.random((200_000, 3)) < new
    x = random.normal(2 * y, 1)
    calibrated_on_old = 2 * x - 2 + np.log(old / (1 - old))
    nothing = Calibration.of(line_curves(Recalibration.none(3)), ["a", "b", "c"])
    before = sigmoid(calibrated_on_old).mean(0)
    after = sigmoid(nothing.shifted(prior_shift(old, new)).apply(calibrated_on_old)).mean(0)
    assert abs(before - new)[[0, 2]].min() > 0.05
    np.testing.assert_allclose(after, new, atol=2e-3)


def test_it_is_equation_four() -> None:
    p, old, new = 0.2, 0.1, 0.3
    expected = p * new / old / (p * new / old + (1 - p) * (1 - new) / (1 - old))
    assert sigmoid(np.log(p / (1 - p)) + prior_shift(old, new)) == pytest.approx(expected)


def test_where_it_means_nothing_it_is_none() -> None:
    shift = prior_shift([0, 0.5, 1, np.nan, 0.5, 0], [0.5, 0, 0.5, 0.5, np.nan, 0])
    assert shift.tolist() == [0] * 6
