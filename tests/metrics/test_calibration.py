"""Recalibration and its error, against scikit-learn, by hand, and where it must do nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from nucleotides.metrics import ScoreRanks
from nucleotides.metrics.calibration import Recalibration, calibration_error, fit_recalibration


def drawn(n: int, slope: float, offset: float, tasks: int = 3) -> ScoreRanks:
    """Windows whose labels follow slope z + offset."""
    random = torch.Generator().manual_seed(0)
    z = 2 * torch.randn(n, tasks, generator=random)
    y = torch.rand(n, tasks, generator=random) < (slope * z + offset).sigmoid()
    scores = ScoreRanks(tasks)
    scores.update(z, y)
    return scores


def test_the_line_that_labels_follow_is_found() -> None:
    line = fit_recalibration(drawn(100_000, 0.6, -3.0).ranked())
    assert line.slope.tolist() == pytest.approx([0.6] * 3, abs=0.03)
    assert line.offset.tolist() == pytest.approx([-3.0] * 3, abs=0.06)


def test_it_is_that_of_logistic_regression() -> None:
    random = np.random.default_rng(0)
    z = random.normal(0, 3, 4000)
    y = (random.random(4000) < 1 / (1 + np.exp(-(1.4 * z - 2)))).astype(int)
    scores = ScoreRanks(1)
    scores.update(torch.from_numpy(z)[:, None], torch.from_numpy(y)[:, None])
    exact = LogisticRegression(C=1e9).fit(z[:, None], y)
    line = fit_recalibration(scores.ranked())
    assert float(line.slope) == pytest.approx(exact.coef_[0, 0], rel=0.02)
    assert float(line.offset) == pytest.approx(exact.intercept_[0], rel=0.02)


def test_the_error_falls_to_that_of_chance() -> None:
    scores, other = drawn(20_000, 0.5, -2.0), drawn(20_000, 0.5, -2.0)
    before = calibration_error(other.ranked())
    after = calibration_error(other.ranked(), fit_recalibration(scores.ranked()))
    assert (before > 0.1).all()
    assert (after < 0.02).all()


def test_the_error_by_hand() -> None:
    z = torch.tensor([0.0] * 10 + [4.0] * 10)[:, None]
    y = torch.tensor([1] * 2 + [0] * 8 + [1] * 10)[:, None]
    scores = ScoreRanks(1)
    scores.update(z, y)
    far = 1 - torch.tensor(4.0).sigmoid()
    expected = (abs(0.5 - 0.2) + far) / 2
    assert float(calibration_error(scores.ranked())) == pytest.approx(float(expected), abs=2e-3)


def test_without_both_classes_nothing_changes() -> None:
    scores = ScoreRanks(3)
    z = torch.randn(50, 3)
    y = torch.stack([torch.zeros(50), torch.ones(50), torch.arange(50) % 2], 1)
    scores.update(z, y)
    line = fit_recalibration(scores.ranked())
    assert line.slope[:2].tolist() == [1, 1]
    assert line.offset[:2].tolist() == [0, 0]
    assert line.offset[2] != 0
    empty = ScoreRanks(2)
    assert fit_recalibration(empty.ranked()).slope.tolist() == [1, 1]
    assert calibration_error(empty.ranked()).isnan().all()


@pytest.mark.parametrize("spread", [0.0, 1e-3, 1.0, 40.0, 1e30])
def test_scores_that_tell_all_or_nothing(spread: float) -> None:
    y = (torch.arange(400) % 40 == 0).float()[:, None]
    scores = ScoreRanks(1)
    scores.update(spread * (2 * y - 1), y)
    line = fit_recalibration(scores.ranked())
    assert torch.isfinite(line.slope).all()
    assert torch.isfinite(line.offset).all()
    assert float(line.slope) > 0
    assert float(calibration_error(scores.ranked(), line)) < (0.06 if spread < 1 else 0.01)


def test_one_positive_moves_the_slope_little() -> None:
    random = torch.Generator().manual_seed(1)
    z = torch.randn(1000, 1, generator=random) - 6
    y = torch.zeros(1000, 1)
    y[z.argmin()] = 1  # the one positive has the lowest score
    scores = ScoreRanks(1)
    scores.update(z, y)
    line = fit_recalibration(scores.ranked())
    assert 0 < float(line.slope) < 1.2


def test_what_is_applied() -> None:
    line = Recalibration(torch.tensor([2.0, 1.0]), torch.tensor([0.5, 0.0]))
    z = torch.tensor([[1.0, 3.0]])
    assert line.apply(z).tolist() == [[2.5, 3.0]]
    assert torch.equal(Recalibration.none(2).apply(z), z)


def test_the_fit_is_the_least_of_what_it_says() -> None:
    """Platt's targets and a normal prior of the slope's logarithm, at the bins' centres."""
    random = np.random.default_rng(0)
    centres = -16 + 32 / 4096 * (random.integers(1400, 2400, 60) + 0.5)
    y = random.random(60) < 0.2
    scores = ScoreRanks(1)
    scores.update(torch.from_numpy(centres)[:, None], torch.from_numpy(y)[:, None])
    target = np.where(y, (y.sum() + 1) / (y.sum() + 2), 1 / ((~y).sum() + 2))

    def cost(log_slope: float, offset: float) -> float:
        u = np.exp(log_slope) * centres + offset
        return float(np.sum(np.logaddexp(0, u) - target * u) + log_slope**2 / 2)

    line = fit_recalibration(scores.ranked())
    found = float(line.slope.log()), float(line.offset)
    least = cost(*found)
    for a, b in [(1e-2, 0), (-1e-2, 0), (0, 1e-2), (0, -1e-2)]:
        assert least < cost(found[0] + a, found[1] + b)
