"""Two models task by task: against oracles, under simulation, and unmoved by order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from nucleotides.analyze.compare import Comparison, compare, control_false_discoveries
from nucleotides.errors import MismatchError

Data = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def data(seed: int = 0, n: int = 600, tasks: int = 6, gain: float = 0.4) -> Data:
    """Labels, scores of A and of B, which tells positives better, and 30 blocks."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((n, tasks)) < 0.1).astype(np.uint8)
    shared = rng.normal(size=(n, tasks))
    a, b = (
        (shared + rng.normal(size=(n, tasks)) / 2 + told * labels).astype(np.float32)
        for told in (1, 1 + gain)
    )
    return labels, a, b, np.arange(n) // (n // 30)


def names(count: int) -> list[str]:
    return [f"task{i}" for i in range(count)]


def run(labels: np.ndarray, a: np.ndarray, b: np.ndarray, blocks: np.ndarray) -> Comparison:
    return compare(names(labels.shape[1]), labels, a, b, blocks)


def test_values_are_scikit_learns() -> None:
    labels, a, b, blocks = data()
    table = run(labels, a, b, blocks).tasks
    for name, truth in (("auroc", roc_auc_score), ("average_precision", average_precision_score)):
        for which, scores in (("a", a), ("b", b)):
            expected = [truth(labels[:, k], scores[:, k]) for k in range(len(table))]
            np.testing.assert_allclose(table[f"{name}_{which}"], expected, atol=1e-12)
        difference = table[f"{name}_b"] - table[f"{name}_a"]
        np.testing.assert_allclose(table[f"{name}_difference"], difference, atol=1e-12)
        middle = (table[f"{name}_low"] + table[f"{name}_high"]) / 2
        np.testing.assert_allclose(middle, difference, atol=1e-12)
    assert table["positives"].tolist() == labels.sum(0).tolist()
    np.testing.assert_allclose(table["prevalence"], labels.mean(0))


def test_p_and_interval_say_the_same() -> None:
    table = run(*data(gain=0.15, tasks=30)).tasks
    for name in ("auroc", "average_precision"):
        outside = (table[f"{name}_low"] > 0) | (table[f"{name}_high"] < 0)
        assert 0 < outside.sum() < len(table)
        assert (outside == (table[f"{name}_p"] < 0.05)).all()
    z = table["auroc_difference"] / table["auroc_error"]
    np.testing.assert_allclose(table["auroc_z"], z)
    # With a few effective blocks, Student's p lies above the normal one, but not far.
    normal = 2 * stats.norm.sf(np.abs(z))
    assert (table["auroc_p"] > normal).all()
    assert (table["auroc_p"] < normal + 0.05).all()


def clustered(rng: np.random.Generator, blocks: np.ndarray, tasks: int) -> Data:
    """Two models that are equally good on the whole, but not within a block."""
    n, count = len(blocks), int(blocks.max()) + 1
    labels = (rng.random((n, tasks)) < 0.15).astype(np.uint8)
    a, b = (
        rng.normal(size=(n, tasks)) + labels * (1 + 0.8 * rng.normal(size=(count, tasks))[blocks])
        for _ in range(2)
    )
    return labels, a.astype(np.float32), b.astype(np.float32), blocks


@pytest.mark.parametrize("score", ["auroc", "average_precision"])
def test_of_models_alike_one_in_twenty_differs_at_p_of_a_twentieth(score: str) -> None:
    blocks = np.repeat(np.arange(40), 50)
    labels, a, b, _ = clustered(np.random.default_rng(1), blocks, 400)
    by_block = run(labels, a, b, blocks).tasks
    by_bin = run(labels, a, b, np.arange(len(blocks))).tasks
    rejected, naive = ((table[f"{score}_p"] < 0.05).mean() for table in (by_block, by_bin))
    assert 0.02 < rejected < 0.09
    assert naive > 0.15


def test_an_interval_holds_a_true_difference_of_average_precision() -> None:
    rng = np.random.default_rng(2)
    blocks = np.repeat(np.arange(40), 50)
    labels, a, b, _ = clustered(rng, blocks, 400)
    b = b + np.float32(0.7) * labels
    table = run(labels, a, b, blocks).tasks
    truth = table["average_precision_difference"].mean()  # of 400 draws of one distribution
    held = (table["average_precision_low"] < truth) & (truth < table["average_precision_high"])
    assert 0.9 < held.mean() < 0.99
    assert (table["average_precision_low"] > 0).mean() > 0.5


def test_swapping_the_models_turns_the_signs() -> None:
    labels, a, b, blocks = data(gain=0.2)
    forth, back = run(labels, a, b, blocks), run(labels, b, a, blocks)
    assert (forth.improved, forth.worsened) == (back.worsened, back.improved)
    assert forth.improved > 0
    assert forth.auroc_difference == pytest.approx(-back.auroc_difference)
    for name in ("auroc", "average_precision"):
        here, there = forth.tasks, back.tasks
        np.testing.assert_allclose(here[f"{name}_difference"], -there[f"{name}_difference"])
        np.testing.assert_allclose(here[f"{name}_low"], -there[f"{name}_high"])
        for same in ("error", "p", "q"):
            np.testing.assert_allclose(here[f"{name}_{same}"], there[f"{name}_{same}"])


def test_order_of_bins_and_tasks_and_names_of_blocks_do_not_matter() -> None:
    labels, a, b, blocks = data(tasks=70)
    rng = np.random.default_rng(3)
    bins, tasks = rng.permutation(len(labels)), rng.permutation(70)
    plain = run(labels, a, b, blocks)
    some = np.ix_(bins, tasks)
    mixed = compare(
        [f"task{i}" for i in tasks], labels[some], a[some], b[some], 1000 - 7 * blocks[bins]
    )
    back = mixed.tasks.iloc[np.argsort(tasks)].reset_index(drop=True)
    pd.testing.assert_frame_equal(plain.tasks, back, rtol=1e-9, atol=1e-12)
    same = replace(mixed, tasks=plain.tasks)
    for name in ("improved", "auroc_difference", "auroc_p", "average_precision_p", "blocks"):
        assert getattr(same, name) == pytest.approx(getattr(plain, name))


def test_a_model_against_itself() -> None:
    labels, a, _, blocks = data()
    found = run(labels, a, a.copy(), blocks)
    table = found.tasks
    assert (table[["auroc_difference", "auroc_error", "auroc_low", "auroc_high"]] == 0).all(
        axis=None
    )
    assert (table[["auroc_p", "average_precision_p", "auroc_q"]] == 1).all(axis=None)
    assert (found.undecided, found.improved, found.unscored) == (6, 0, 0)
    assert np.isnan(found.auroc_p)


def test_what_cannot_be_scored_is_left_out() -> None:
    labels, a, b, blocks = data(tasks=8)
    alone = run(labels[:, 2:], a[:, 2:], b[:, 2:], blocks)
    labels[:, 0], labels[:, 1] = 0, 1
    found = run(labels, a, b, blocks)
    assert found.tasks["verdict"].tolist()[:2] == ["unscored", "unscored"]
    assert found.tasks.loc[:1, ["auroc_a", "auroc_p", "auroc_q", "auroc_z"]].isna().all(axis=None)
    np.testing.assert_allclose(found.tasks["auroc_q"][2:], alone.tasks["auroc_q"])
    assert found.unscored == 2
    assert found.auroc_difference == alone.auroc_difference
    assert found.auroc_p == alone.auroc_p


def test_positives_of_one_block_decide_nothing() -> None:
    labels, a, b, blocks = data(tasks=1)
    labels[:] = 0
    labels[:10] = 1
    found = run(labels, a, b + 3 * labels, blocks)
    assert found.undecided == 1
    row = found.tasks.iloc[0]
    assert row["auroc_difference"] > 0
    assert row[["auroc_error", "auroc_p", "auroc_low", "average_precision_high"]].isna().all()


def test_over_tasks() -> None:
    found = run(*data(tasks=12, gain=0.3))
    for name in ("auroc", "average_precision"):
        difference = found.tasks[f"{name}_difference"]
        assert getattr(found, f"{name}_difference") == difference.median()
        assert getattr(found, f"{name}_p") == stats.wilcoxon(difference).pvalue
    q = found.tasks["auroc_q"]
    assert found.improved == ((q < 0.05) & (found.tasks["auroc_difference"] > 0)).sum()
    assert found.improved + found.worsened + found.undecided == 12
    assert (found.bins, found.blocks) == (600, 30)


def test_false_discoveries_as_scipys_without_nan() -> None:
    p = np.random.default_rng(0).random(50) ** 3
    holes = np.insert(p, [0, 7, 50], np.nan)
    found = control_false_discoveries(holes)
    np.testing.assert_allclose(found[~np.isnan(holes)], stats.false_discovery_control(p))
    assert np.isnan(found[np.isnan(holes)]).all()
    assert np.isnan(control_false_discoveries(np.full(3, np.nan))).all()


def test_no_number_counts_as_0() -> None:
    labels, a, b, blocks = data(tasks=2)
    zero, hole = a.copy(), a.copy()
    zero[:50], hole[:50] = 0, np.nan
    plain, odd = run(labels, zero, b, blocks), run(labels, hole, b, blocks)
    pd.testing.assert_frame_equal(plain.tasks, odd.tasks)


def test_nothing_to_compare() -> None:
    empty = np.zeros((0, 2), np.float32)
    found = run(empty, empty, empty, np.zeros(0, np.int64))
    assert (found.unscored, found.bins, found.blocks) == (2, 0, 0)
    none = np.zeros((5, 0), np.float32)
    assert len(run(none, none, none, np.arange(5)).tasks) == 0


def test_other_bins_are_refused() -> None:
    labels, a, b, blocks = data()
    with pytest.raises(MismatchError, match=r"b has shape \(599, 6\).*600 bins"):
        run(labels, a, b[1:], blocks)
