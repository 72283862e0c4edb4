"""Baselines of composition: scores counted by hand, and their merits by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from nucleotides.analyze.baselines import Part, baseline_scores, score_baselines
from nucleotides.errors import InputError, MismatchError
from nucleotides.genome.alphabet import LETTERS


def codes(*sequences: str) -> np.ndarray:
    return np.array([[LETTERS.index(base) for base in row] for row in sequences], dtype=np.uint8)


def test_counted_by_hand() -> None:
    found = baseline_scores(codes("ACGTCGNNAA", "GGGGCCCCCG", "NNNNNNNNNN", "CNGCACTACC"), bin=4)
    assert all(x.dtype == np.float32 for x in found.values())
    expected = {
        "GC content of the window": [4 / 8, 1, 0.5, 6 / 9],
        "CpG o/e of the window": [2 * 8 / 4, 1 * 10 / 25, 0, 0],
        "GC content of the bin": [2 / 3, 1, 0.5, 2 / 4],  # TCGN GCCC NNNN CACT
        "CpG o/e of the bin": [1 * 3 / 1, 0, 0, 0],
    }
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-6, err_msg=name)


def test_the_other_strand_scores_the_same() -> None:
    rng = np.random.default_rng(0)
    forward = rng.integers(0, 5, (50, 100), dtype=np.uint8)
    reverse = np.array([3, 2, 1, 0, 4], np.uint8)[forward[:, ::-1]]
    there = baseline_scores(reverse, 20)
    for name, values in baseline_scores(forward, 20).items():
        np.testing.assert_array_equal(values, there[name])


def test_a_window_that_is_its_bin_has_no_scores_of_its_own() -> None:
    assert list(baseline_scores(codes("ACGT"), 4)) == [
        "GC content of the bin",
        "CpG o/e of the bin",
    ]
    for bin in (0, 5):
        with pytest.raises(InputError, match=f"bins of {bin} bases in windows of 4"):
            baseline_scores(codes("ACGT"), bin)


def part(seed: int, slopes: list[float], n: int = 300, levels: int = 20) -> tuple[Part, np.ndarray]:
    """Bins whose score tells as much of each task as its slope says, and their labels."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((n, len(slopes))) < 0.2).astype(np.uint8)
    labels[:2] = [[0], [1]]
    signal = (labels * slopes).sum(1) + rng.normal(size=n)
    scores = (np.round(signal * levels) / levels).astype(np.float32)
    return Part({"x": scores}, [labels[:100], labels[100:101], labels[101:]]), labels


@given(seed=st.integers(0, 1000), levels=st.sampled_from([1, 3, 1000]))
def test_as_scikit_learn_in_the_direction_of_validation(seed: int, levels: int) -> None:
    slopes = [1.5, -1.5, 0.0]
    validation, before = part(seed, slopes, levels=levels)
    test, labels = part(seed + 5000, slopes, levels=levels)
    found = score_baselines(["up", "down", "either"], validation, test)["x"]
    for k, scores in enumerate(found.values()):
        down = roc_auc_score(before[:, k], validation.scores["x"]) < 0.5
        x = -test.scores["x"] if down else test.scores["x"]
        assert scores["auroc"] == pytest.approx(roc_auc_score(labels[:, k], x))
        expected = average_precision_score(labels[:, k], x)
        assert scores["average_precision"] == pytest.approx(expected)


def test_the_direction_is_not_chosen_on_test() -> None:
    validation, _ = part(0, [2.0])
    turned = Part({"x": -validation.scores["x"]}, validation.labels)
    found = score_baselines(["t"], turned, validation)["x"]["t"]
    assert found["auroc"] < 0.3


def test_tasks_of_one_class() -> None:
    """On validation: upwards. On test: left out."""
    test, labels = part(0, [1.0, 1.0, 1.0])
    silent = Part(test.scores, [np.zeros_like(labels)])
    found = score_baselines(["a", "b", "c"], silent, test)["x"]
    assert found["b"]["auroc"] == pytest.approx(roc_auc_score(labels[:, 1], test.scores["x"]))
    labels[:, 0], labels[:, 2] = 0, 1
    assert list(score_baselines(["a", "b", "c"], test, Part(test.scores, [labels]))["x"]) == ["b"]
    assert score_baselines(["a", "b", "c"], test, silent) == {"x": {}}


def test_other_bins_or_tasks_are_refused() -> None:
    good, labels = part(0, [1.0, 1.0])
    for bad in ([labels[:-1]], [labels[:, :1]], []):
        with pytest.raises(MismatchError, match="2 tasks and scores of"):
            score_baselines(["a", "b"], good, Part(good.scores, bad))
