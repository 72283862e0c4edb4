"""Standard errors by block: against DeLong's and Obuchowski's formulas, written out."""

from __future__ import annotations

import numpy as np
import pytest

from nucleotides.metrics.block_errors import BlockSums
from nucleotides.metrics.influence import Thresholds, auroc, average_precision


def data(seed: int, n: int = 120) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labels, two models' scores with ties, and blocks of uneven size."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.3).astype(np.uint8)
    a, b = (np.round(rng.normal(size=n) + gain * labels, 1) for gain in (1.0, 1.3))
    return labels, a, b, rng.integers(0, 11, n) ** 2 // 12


def components(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """DeLong's structural components of positives and negatives, by comparing all pairs."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    return wins.mean(1), wins.mean(0)


def error(labels: np.ndarray, a: np.ndarray, b: np.ndarray, blocks: np.ndarray) -> float:
    (_, of_a), (_, of_b) = (auroc(Thresholds.of(s, labels), labels) for s in (a, b))
    return BlockSums.of(of_b - of_a, labels, blocks, int(blocks.max()) + 1).auroc_error()


@pytest.mark.parametrize("seed", range(4))
def test_every_bin_a_block_is_delong(seed: int) -> None:
    labels, a, b, _ = data(seed)
    of_a, of_b = components(a, labels), components(b, labels)
    s10, s01 = (np.cov(of_a[i], of_b[i]) / len(of_a[i]) for i in (0, 1))
    contrast = np.array([-1, 1])
    expected = np.sqrt(contrast @ (s10 + s01) @ contrast)
    found = error(labels, a, b, np.arange(len(labels)))
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_obuchowski_by_her_sums(seed: int) -> None:
    """Variances of both areas less twice their covariance, cluster by cluster."""
    labels, a, b, blocks = data(seed)
    v = [components(scores, labels) for scores in (a, b)]
    area = [x[0].mean() for x in v]
    of_block = [(blocks[labels == 1] == k, blocks[labels == 0] == k) for k in np.unique(blocks)]
    i10 = sum(positive.any() for positive, _ in of_block)
    i01 = sum(negative.any() for _, negative in of_block)
    m, n, i = (labels == 1).sum(), (labels == 0).sum(), len(of_block)

    def covariance(r: int, s: int) -> float:
        s10 = s01 = s11 = s11t = 0.0
        for positive, negative in of_block:
            x = [v[q][0][positive].sum() - positive.sum() * area[q] for q in (r, s)]
            y = [v[q][1][negative].sum() - negative.sum() * area[q] for q in (r, s)]
            s10, s01 = s10 + x[0] * x[1], s01 + y[0] * y[1]
            s11, s11t = s11 + x[0] * y[1], s11t + y[0] * x[1]
        s10, s01 = i10 / (i10 - 1) * s10 / m, i01 / (i01 - 1) * s01 / n
        return s10 / m + s01 / n + i / (i - 1) * (s11 + s11t) / (m * n)

    expected = np.sqrt(covariance(0, 0) + covariance(1, 1) - 2 * covariance(0, 1))
    assert error(labels, a, b, blocks) == pytest.approx(expected, rel=1e-10)


def test_average_precision_error_is_near_that_of_the_jackknife() -> None:
    """Leaving out each of many blocks in turn."""
    rng = np.random.default_rng(0)
    blocks = np.repeat(np.arange(150), 40)
    labels = (rng.random(len(blocks)) < 0.1).astype(np.uint8)
    scores = rng.normal(size=len(blocks)) + labels + rng.normal(size=150)[blocks] / 2

    def value(kept: np.ndarray) -> float:
        return average_precision(Thresholds.of(scores[kept], labels[kept]), labels[kept])[0]

    without = np.array([value(blocks != k) for k in range(150)])
    jackknife = np.sqrt(149 / 150 * ((without - without.mean()) ** 2).sum())
    _, influence = average_precision(Thresholds.of(scores, labels), labels)
    found = BlockSums.of(influence, labels, blocks, 150).average_precision_error()
    assert found == pytest.approx(jackknife, rel=0.03)


def test_freedom_counts_even_blocks_and_little_else() -> None:
    even = np.repeat(np.arange(6), 10)
    labels = np.tile(np.array([1] + [0] * 9, np.uint8), 6)
    assert freedom(labels, even) == pytest.approx(5)
    crowded = np.where(labels == 1, 0, even)
    assert freedom(labels, crowded) == pytest.approx(0)
    assert np.isnan(freedom(np.zeros(60, np.uint8), even))
    labels[:10] = 1
    assert 0 < freedom(labels, even) < 3


def freedom(labels: np.ndarray, blocks: np.ndarray) -> float:
    return BlockSums.of(np.zeros(len(labels)), labels, blocks, 6).freedom


def test_no_error_from_one_block() -> None:
    labels = np.array([1, 0, 1, 0], np.uint8)
    sums = BlockSums.of(np.ones(4), labels, np.zeros(4, np.int64), 1)
    assert np.isnan(sums.auroc_error())
    assert np.isnan(sums.average_precision_error())
