"""Similarities against numpy and scipy, and where nothing is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from nucleotides.analyze import similarity
from nucleotides.analyze.sample_bins import sampled_bins
from nucleotides.analyze.similarity import (
    PredictionCorrelation,
    as_distance,
    cosine,
    jaccard,
    label_counts,
    labels_at,
    phi,
)
from nucleotides.errors import InputError
from tests import toy


def drawn(n: int = 700, tasks: int = 9) -> np.ndarray:
    """Labels uint8 (n, tasks): common ones, rare ones, two tasks that are the same."""
    rng = np.random.default_rng(0)
    labels = (rng.random((n, tasks)) < np.linspace(0.02, 0.7, tasks)).astype(np.uint8)
    labels[:, 1] = labels[:, 4]
    return labels


def assert_well_formed(matrix: np.ndarray) -> None:
    assert matrix.dtype == np.float32
    assert np.array_equal(matrix, matrix.T)
    assert np.array_equal(np.diagonal(matrix), np.ones(len(matrix)))
    assert np.abs(matrix).max() <= 1


def test_jaccard_is_that_of_scipy() -> None:
    labels = drawn()
    found = jaccard(label_counts([labels]))
    assert found == pytest.approx(1 - squareform(pdist(labels.T.astype(bool), "jaccard")), abs=1e-6)
    assert found[1, 4] == 1
    assert_well_formed(found)


def test_phi_is_pearsons_correlation_of_labels() -> None:
    labels = drawn()
    found = phi(label_counts([labels]))
    assert found == pytest.approx(np.corrcoef(labels.T), abs=1e-6)
    assert_well_formed(found)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = drawn()
    whole = label_counts([labels])
    monkeypatch.setattr(similarity, "_AT_ONCE", 64)
    parts = label_counts(np.split(labels, [1, 200, 200, 699]))
    assert parts.bins == whole.bins == len(labels)
    assert np.array_equal(parts.both, whole.both)
    assert np.array_equal(parts.positives, labels.sum(0))


def test_bins_without_positives_change_phi_alone() -> None:
    counts = label_counts([drawn()])
    more = label_counts([drawn(), np.zeros((500, 9), np.uint8)])
    assert np.array_equal(jaccard(more), jaccard(counts))
    assert np.array_equal(phi(more), phi(counts._replace(bins=1200)))
    assert phi(more)[0, 8] > phi(counts)[0, 8]


def test_counts_beyond_what_float32_holds() -> None:
    n = (1 << 24) + 5
    counts = label_counts(np.ones((1 << 20, 1), np.uint8)[: n - i] for i in range(0, n, 1 << 20))
    assert counts.positives.tolist() == [n]


def test_tasks_without_positives_are_like_none() -> None:
    labels = drawn()
    labels[:, [2, 3]] = 0
    labels[:, 8] = 1
    counts = label_counts([labels])
    for found in (jaccard(counts), phi(counts)):
        assert_well_formed(found)
        assert np.array_equal(found[2], np.eye(9)[2])
    assert phi(counts)[8, 0] == 0
    assert np.array_equal(as_distance(jaccard(counts))[3], 1 - np.eye(9)[3])


def test_no_labels_at_all() -> None:
    with pytest.raises(InputError, match="at least one bin"):
        label_counts([])


def test_correlation_is_that_of_numpy() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (3000, 6)) @ rng.normal(0, 1, (6, 6)) - 4
    logits[:, 5] += 1000  # far from 0, where float32 alone would lose digits
    logits = logits.astype(np.float32)
    correlation = PredictionCorrelation()
    for chunk in np.split(logits, [0, 3, 1000, 2999]):
        correlation.update(chunk)
    assert correlation.windows == 3000
    assert correlation.result() == pytest.approx(np.corrcoef(logits.T), abs=1e-5)
    assert_well_formed(correlation.result())


def test_predictions_that_never_change_are_like_none() -> None:
    correlation = PredictionCorrelation()
    with pytest.raises(InputError, match="at least one window"):
        correlation.result()
    rng = np.random.default_rng(2)
    for _ in range(3):
        chunk = rng.normal(size=(50, 4)).astype(np.float32)
        chunk[:, 1] = -7.3
        correlation.update(chunk)
    assert np.array_equal(correlation.result()[1], np.eye(4)[1])


def test_cosine_is_that_of_scipy() -> None:
    weights = np.random.default_rng(3).normal(size=(7, 5)).astype(np.float32)
    found = cosine(weights)
    assert found == pytest.approx(1 - squareform(pdist(weights, "cosine")), abs=1e-6)
    assert_well_formed(found)
    weights[2] = 0
    assert np.array_equal(cosine(weights)[2], np.eye(7)[2])


def test_distance_from_identical_to_opposite() -> None:
    similar = np.array([[1, -1, 0], [-1, 1, 0.25], [0, 0.25, 1]], np.float32)
    assert as_distance(similar).tolist() == [[0, 2, 1], [2, 0, 0.75], [1, 0.75, 0]]


@pytest.mark.parametrize(("bin", "threshold"), [(200, 0.5), (150, 0.5), (7, 1.0)])
def test_all_bins_with_a_positive_are_compared(tmp_path: Path, bin: int, threshold: float) -> None:
    genome = toy.genome_store(tmp_path)
    targets = toy.target_store(tmp_path, genome, bin=bin, threshold=threshold)
    bins = sampled_bins(targets, 10**6)
    found = list(zip(bins.contigs.tolist(), bins.centres.tolist(), strict=True))
    expected = []
    for number, (contig, length) in enumerate(targets.contigs.items()):
        centres = np.arange(length // bin) * bin + bin // 2
        positive = targets.labels(contig, centres, bin, threshold).any(1)
        expected += [(number, centre) for centre in centres[positive].tolist()]
    assert found == expected
    chunks = list(labels_at(targets, bins))
    assert sum(map(len, chunks)) == len(expected)
    assert all(chunk.any(1).all() for chunk in chunks)


def test_some_of_them_by_the_seed_alone(tmp_path: Path) -> None:
    targets = toy.target_store(tmp_path, toy.genome_store(tmp_path))
    everything = set(zip(*sampled_bins(targets, 10**6)[:2], strict=True))
    some = [list(zip(*sampled_bins(targets, 20, seed)[:2], strict=True)) for seed in (1, 1, 2)]
    assert some[0] == some[1] != some[2]
    for each in some:
        assert len(set(each)) == 20
        assert set(each) < everything
        assert each == sorted(each)
