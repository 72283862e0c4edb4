"""Scores of alleles: against plain arithmetic, signs, nothing for nothing, what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.metrics.background import TAILS, Background
from nucleotides.predict.effects.score_variants import SCORES, Effects, check_scores, score

RNG = np.random.default_rng(0)
REF = RNG.normal(0, 4, (30, 3)).astype(np.float32).astype(float)
ALT = RNG.normal(0, 4, (30, 3)).astype(np.float32).astype(float)
KNOWN = Background(
    ["a", "b", "c"],
    np.sort(RNG.normal(0, 3, (3, TAILS.size)), axis=1).astype(np.float32),
    np.array([0.1, 0.2, 0.3]),
    np.array([0.1, 0.0, 0.2]),
    1000,
)
THERE = Effects(REF, ALT - REF, np.ones_like(REF), KNOWN)
BACK = Effects(ALT, REF - ALT, np.ones_like(REF), KNOWN)


def test_scores_are_what_their_names_say() -> None:
    p, q = 1 / (1 + np.exp(-REF)), 1 / (1 + np.exp(-ALT))
    np.testing.assert_allclose(score("ref", THERE), p, rtol=1e-6)
    np.testing.assert_allclose(score("alt", THERE), q, rtol=1e-6)
    np.testing.assert_allclose(score("diff", THERE), q - p, atol=1e-7)
    np.testing.assert_allclose(score("logit_diff", THERE), ALT - REF, rtol=1e-6)
    np.testing.assert_allclose(score("log_fold_change", THERE), np.log2(q / p), rtol=1e-5)
    z = ((q - p) / np.where(KNOWN.std > 0, KNOWN.std, np.nan))[:, ::2]
    np.testing.assert_allclose(score("z_score", THERE)[:, ::2], z, atol=1e-5)
    assert np.isnan(score("z_score", THERE)[:, 1]).all()
    np.testing.assert_allclose(score("ref_tail", THERE), KNOWN.tail(REF), rtol=1e-6)
    np.testing.assert_allclose(score("alt_tail", THERE), KNOWN.tail(ALT), rtol=1e-6)
    assert (score("diff_std", THERE) == 1).all()


@pytest.mark.parametrize("name", ["diff", "logit_diff", "log_fold_change", "z_score"])
def test_exchanged_alleles_change_the_sign_and_equal_ones_score_nothing(name: str) -> None:
    np.testing.assert_array_equal(score(name, THERE), -score(name, BACK))
    same = score(name, Effects(REF, np.zeros_like(REF), None, KNOWN))
    assert (same[:, ::2] == 0).all()


def test_the_fold_change_of_tiny_probabilities() -> None:
    effects = Effects(np.array([[-800.0, 800.0]]), np.array([[np.log(2), -1.0]]))
    np.testing.assert_allclose(score("log_fold_change", effects), [[1, 0]], atol=1e-6)


@pytest.mark.parametrize("name", SCORES)
def test_the_unscored_have_no_number_and_tasks_can_be_chosen(name: str) -> None:
    empty = np.full((1, 3), np.nan)
    assert np.isnan(score(name, Effects(empty, empty, empty, KNOWN))).all()
    np.testing.assert_array_equal(
        score(name, THERE.of_tasks([2, 0])), score(name, THERE)[:, [2, 0]]
    )


def test_scores_that_cannot_be_had() -> None:
    check_scores(list(SCORES), background=True, spread=True)
    with pytest.raises(UnknownNameError, match="did you mean 'logit_diff'"):
        check_scores(["logitdiff"], background=True, spread=True)
    with pytest.raises(InputError, match=r"z_score compares .* post-process"):
        check_scores(["diff", "z_score"], background=False, spread=True)
    with pytest.raises(InputError, match="diff_std needs several networks"):
        check_scores(["diff_std"], background=True, spread=False)
