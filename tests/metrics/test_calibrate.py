"""Line or curve: the one that foretells better, and never what was not seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nucleotides.metrics.calibrate import calibrate, cross_validate
from nucleotides.metrics.calibration import calibration_error, fit_recalibration, log_loss
from nucleotides.metrics.ranked import combine
from tests.metrics.folds import draw, rank_blocks, rank_windows, sigmoid, steps


def test_a_curve_where_labels_follow_no_line_and_a_line_where_they_do() -> None:
    z, y = draw(8000, steps, tasks=2)
    y[:, 1:] = np.random.default_rng(1).random((8000, 1)) < sigmoid(0.5 * z[:, 1:] - 1)
    found = calibrate(rank_blocks(z, y), ["steps", "line"])
    assert found.methods == ["isotonic", "platt"]
    other = rank_windows(*draw(8000, steps, seed=9))
    line = fit_recalibration(rank_windows(z[:, :1], y[:, :1]))
    curve = calibrate(rank_blocks(z[:, :1], y[:, :1]), ["steps"])
    assert float(log_loss(other, curve)) < float(log_loss(other, line))
    assert float(calibration_error(other, curve)) < 0.6 * float(calibration_error(other, line))


def test_rare_tasks_end_at_the_line() -> None:
    z, y = draw(8000, lambda z: 0.015 * steps(z), tasks=8)
    assert 15 < y.sum(0).min() <= y.sum(0).max() < 50
    assert set(calibrate(rank_blocks(z, y), [str(k) for k in range(8)]).methods) == {"platt"}


def test_the_line_is_that_of_all_windows() -> None:
    z, y = draw(4000, lambda z: sigmoid(z - 4), tasks=3)
    found = calibrate(rank_blocks(z, y), ["a", "b", "c"])
    line = fit_recalibration(rank_windows(z, y))
    expected = line.apply(torch.tensor(z)).numpy()[:, [k == "platt" for k in found.methods]]
    assert expected.size
    lines = [k == "platt" for k in found.methods]
    np.testing.assert_allclose(found.apply(z)[:, lines], expected, rtol=1e-6)


def test_one_class_and_positives_in_one_block() -> None:
    z, y = draw(2000, lambda z: sigmoid(z - 1), tasks=3)
    y[:, 0], y[:, 1], y[500:, 2] = 0, 1, 0
    found = calibrate(rank_blocks(z, y), ["never", "always", "once"])
    assert found.methods[:2] == ["none", "none"]
    assert np.isfinite(found.apply(z)).all()


def test_each_block_is_judged_by_the_others() -> None:
    z, y = draw(3000, lambda z: sigmoid(0.7 * z - 1), tasks=2)
    folds = rank_blocks(z, y, 3)
    sums = torch.zeros(2, dtype=torch.float64)
    for k in range(3):
        kept = np.array_split(np.arange(3000), 3)
        rest = np.concatenate(kept[:k] + kept[k + 1 :])
        line = fit_recalibration(rank_windows(z[rest], y[rest]))
        sums += log_loss(rank_windows(z[kept[k]], y[kept[k]]), line) * 1000
    torch.testing.assert_close(cross_validate(folds)[0], sums / 3000, rtol=1e-6, atol=0)


def test_more_tasks_than_are_fitted_at_once_and_more_windows_than_are_kept_apart() -> None:
    z, y = draw(300, lambda z: sigmoid(z - 1), tasks=66)
    found = calibrate(rank_blocks(z, y), [str(k) for k in range(66)])
    alone = calibrate(rank_blocks(z[:, 65:66], y[:, 65:66]), ["65"])
    np.testing.assert_allclose(found.apply(z)[:, 65:66], alone.apply(z[:, 65:66]), rtol=1e-6)
    z, y = draw(33_000, steps)
    curve = calibrate(rank_blocks(z, y), ["a"])
    assert curve.methods == ["isotonic"]
    at = np.array([[-3.0], [-0.5], [2.5]])
    assert sigmoid(curve.apply(at))[:, 0] == pytest.approx(steps(at)[:, 0], rel=0.15)


def test_combined_blocks_are_the_whole() -> None:
    z, y = draw(999, lambda z: sigmoid(z - 1), tasks=2)
    z = z.round(1)
    together, whole = combine(rank_blocks(z, y)), rank_windows(z, y)
    n = together.scores.shape[1]
    held = whole.windows[0] > 0
    assert torch.equal(together.counts[:, 0][:, together.windows[0] > 0], whole.counts[:, 0, held])
    assert torch.equal(together.scores[0][together.windows[0] > 0], whole.scores[0, held])
    assert int(together.windows.sum()) == 2 * 999
    assert n < 200


def test_the_log_loss_by_numpy() -> None:
    z, y = draw(500, lambda z: sigmoid(z))
    expected = -np.log(np.where(y == 1, sigmoid(z), sigmoid(-z))).mean()
    assert float(log_loss(rank_windows(z, y))) == pytest.approx(expected, rel=1e-6)
    assert log_loss(rank_windows(z[:0], y[:0])).isnan().all()
