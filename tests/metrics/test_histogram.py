"""Metrics from histograms against scikit-learn's exact ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as exact

from nucleotides.metrics import ScoreHistogram
from nucleotides.metrics.histogram import LIMIT, N_BINS

WIDTH = 2 * LIMIT / N_BINS


def score(logits: np.ndarray, labels: np.ndarray, batch: int = 1 << 20) -> dict[str, np.ndarray]:
    histogram = ScoreHistogram(logits.shape[1])
    for first in range(0, len(logits), batch):
        part = slice(first, first + batch)
        histogram.update(torch.from_numpy(logits[part]), torch.from_numpy(labels[part]))
    return {name: np.atleast_1d(x) for name, x in histogram.compute().items()}


def in_cells(logits: np.ndarray) -> np.ndarray:
    """Scores that the histogram keeps apart, and no others."""
    return np.clip(np.floor((logits + LIMIT) / WIDTH), 0, N_BINS - 1)


def data(seed: int, n: int = 4000, tasks: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Logits that know something of rare to common labels."""
    rng = np.random.default_rng(seed)
    prevalence = np.geomspace(0.005, 0.5, tasks)
    labels = (rng.random((n, tasks)) < prevalence).astype(np.uint8)
    logits = rng.normal(-3, 2, (n, tasks)) + 1.5 * labels
    return logits.astype(np.float32), labels


@pytest.mark.parametrize("seed", range(3))
def test_close_to_exact_values(seed: int) -> None:
    logits, labels = data(seed)
    found = score(logits, labels)
    for task in range(labels.shape[1]):
        truth, z = labels[:, task], logits[:, task]
        assert abs(found["auroc"][task] - exact.roc_auc_score(truth, z)) < 1e-3
        precision = exact.average_precision_score(truth, z)
        assert abs(found["average_precision"][task] - precision) < 1e-3 + 0.02 * precision


many_ties = st.integers(2, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(-6, 6), min_size=n, max_size=n),
        st.lists(st.integers(0, 1), min_size=n, max_size=n),
    )
)


@given(many_ties)
def test_equal_to_exact_values_with_ties(case: tuple[list[int], list[int]]) -> None:
    z, truth = (np.array(x)[:, None] for x in case)
    found = score(z.astype(np.float32) / 4, truth)
    positives = int(truth.sum())
    assert found["positives"][0] == positives
    assert found["windows"][0] == len(truth)
    assert np.isclose(found["prevalence"][0], truth.mean())
    both = 0 < positives < len(truth)
    assert np.isnan(found["auroc"][0]) == (not both)
    assert np.isnan(found["average_precision"][0]) == (positives == 0)
    if both:
        assert np.isclose(found["auroc"][0], exact.roc_auc_score(truth[:, 0], z[:, 0]))
    if positives:
        expected = exact.average_precision_score(truth[:, 0], z[:, 0])
        assert np.isclose(found["average_precision"][0], expected)
        assert np.isclose(found["lift"][0], expected / truth.mean())


@pytest.mark.parametrize("seed", range(2))
def test_at_probability_one_half(seed: int) -> None:
    logits, labels = data(seed)
    found = score(logits, labels)
    called = in_cells(logits) >= N_BINS // 2
    for task in range(labels.shape[1]):
        truth, call = labels[:, task], called[:, task]
        expected = {
            "precision": exact.precision_score(truth, call, zero_division=np.nan),
            "recall": exact.recall_score(truth, call, zero_division=np.nan),
            "mcc": exact.matthews_corrcoef(truth, call),
        }
        for name, value in expected.items():
            assert np.isclose(found[name][task], value, equal_nan=True), (name, task)


def test_logits_of_zero_are_called_positive_and_below_not() -> None:
    logits = np.array([[0.0], [-WIDTH], [WIDTH]], np.float32)
    found = score(logits, np.array([[1], [1], [0]]))
    assert found["recall"][0] == 0.5
    assert found["precision"][0] == 0.5


def test_one_sided_and_constant_tasks() -> None:
    n = 100
    labels = np.zeros((n, 4), np.uint8)
    labels[:, 1] = 1
    labels[::4, 2:] = 1
    logits = np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32)
    logits[:, 2] = -1.3
    found = score(logits, labels)
    assert np.isnan(found["auroc"]).tolist() == [True, True, False, False]
    assert np.isnan(found["average_precision"]).tolist() == [True, False, False, False]
    assert found["average_precision"][1] == 1
    assert found["auroc"][2] == 0.5
    assert found["average_precision"][2] == found["prevalence"][2] == 0.25
    assert found["positives"].tolist() == [0, 100, 25, 25]
    assert found["windows"].tolist() == [n] * 4


def test_batches_add_up_and_devices_too() -> None:
    logits, labels = data(0)
    whole = score(logits, labels)
    for batch in (1, 17, 3999):
        part = score(logits[:400], labels[:400], batch)
        assert all(
            np.array_equal(part[k], v, equal_nan=True)
            for k, v in score(logits[:400], labels[:400]).items()
        )
    one, two = ScoreHistogram(6), ScoreHistogram(6)
    one.update(torch.from_numpy(logits[:1000]), torch.from_numpy(labels[:1000]))
    two.update(torch.from_numpy(logits[1000:]), torch.from_numpy(labels[1000:]))
    one.counts = one.counts + two.counts
    together = one.compute()
    assert all(np.array_equal(together[k], v, equal_nan=True) for k, v in whole.items())


def test_reset_forgets() -> None:
    logits, labels = data(0, n=50)
    histogram = ScoreHistogram(6)
    histogram.update(torch.from_numpy(logits), torch.from_numpy(labels))
    histogram.reset()
    histogram.update(torch.from_numpy(logits[:9]), torch.from_numpy(labels[:9]))
    assert histogram.compute()["windows"].tolist() == [9] * 6


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64])
def test_any_floating_type_and_logits_stay_as_they_are(kind: torch.dtype) -> None:
    logits, labels = (torch.from_numpy(x) for x in data(0, n=300))
    given = logits.to(kind).requires_grad_()
    before = given.detach().clone()
    histogram, other = ScoreHistogram(6), ScoreHistogram(6)
    histogram.update(given, labels)
    other.update(given.detach().float(), labels.bool())
    assert torch.equal(given.detach(), before)
    assert torch.equal(histogram.counts, other.counts)


@pytest.mark.parametrize("extreme", [16.0, 1e4, 1e15])
def test_extreme_logits_are_the_outermost(extreme: float) -> None:
    logits = np.array([[-extreme], [-1], [1], [extreme]], np.float32)
    found = score(logits, np.array([[0], [0], [1], [1]]))
    assert found["auroc"][0] == 1


@pytest.mark.parametrize("extreme", [3e38, np.inf])
def test_huge_logits_are_the_highest(extreme: float) -> None:
    logits = np.array([[-extreme], [-1], [1], [extreme]], np.float32)
    found = score(logits, np.array([[0], [0], [1], [1]]))
    assert found["auroc"][0] == 1
