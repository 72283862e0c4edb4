"""AUROC and average precision against scikit-learn's, and influences against their meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from nucleotides.metrics import influence
from nucleotides.metrics.influence import Thresholds

Score = Callable[[Thresholds, np.ndarray], tuple[float, np.ndarray]]
SCORES = [
    pytest.param(influence.auroc, roc_auc_score, id="auroc"),
    pytest.param(influence.average_precision, average_precision_score, id="average precision"),
]


def data(seed: int, n: int = 60, levels: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Scores with ties, and labels of both kinds."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.3).astype(np.uint8)
    labels[:2] = 0, 1
    return (rng.integers(0, levels, n) + 2 * labels).astype(np.float32), labels


@pytest.mark.parametrize(("ours", "truth"), SCORES)
@given(seed=st.integers(0, 10_000), levels=st.sampled_from([1, 3, 12, 1000]))
def test_as_scikit_learn(ours: Score, truth: Any, seed: int, levels: int) -> None:
    scores, labels = data(seed, levels=levels)
    value, _ = ours(Thresholds.of(scores, labels), labels)
    assert value == pytest.approx(truth(labels, scores), abs=1e-12)


@pytest.mark.parametrize(("ours", "truth"), SCORES)
@pytest.mark.parametrize("seed", range(3))
def test_influence_is_the_derivative_by_weight(ours: Score, truth: Any, seed: int) -> None:
    scores, labels = data(seed)
    _, found = ours(Thresholds.of(scores, labels), labels)
    step = 1e-5
    for i in range(len(labels)):
        more, less = np.ones(len(labels)), np.ones(len(labels))
        more[i], less[i] = 1 + step, 1 - step
        rise = truth(labels, scores, sample_weight=more) - truth(labels, scores, sample_weight=less)
        assert found[i] == pytest.approx(rise / (2 * step), abs=1e-7)


@pytest.mark.parametrize("ours", [influence.auroc, influence.average_precision])
def test_undefined_is_nan(ours: Score) -> None:
    for labels in (np.zeros(5, np.uint8), np.zeros(0, np.uint8)):
        value, found = ours(Thresholds.of(np.arange(len(labels), dtype=float), labels), labels)
        assert np.isnan(value)
        assert found.shape == labels.shape
        assert np.isnan(found).all()


def test_auroc_of_positives_alone_is_nan() -> None:
    labels = np.ones(5, np.uint8)
    value, found = influence.auroc(Thresholds.of(np.arange(5.0), labels), labels)
    assert np.isnan(value)
    assert np.isnan(found).all()
