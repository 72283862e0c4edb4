"""Metrics from ranked scores against scikit-learn's exact ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as exact

from nucleotides.metrics import ScoreRanks
from nucleotides.metrics.ranked import rank, shrink
from nucleotides.metrics.score_ranks import ROOM

Arrays = dict[str, np.ndarray]


def add(ranks: ScoreRanks, logits: np.ndarray, labels: np.ndarray, batch: int = 512) -> ScoreRanks:
    for first in range(0, len(logits), batch):
        part = slice(first, first + batch)
        ranks.update(torch.from_numpy(logits[part]), torch.from_numpy(labels[part]))
    return ranks


def score(logits: np.ndarray, labels: np.ndarray, batch: int = 512) -> Arrays:
    found = add(ScoreRanks(logits.shape[1]), logits, labels, batch).compute()
    return {name: np.atleast_1d(x) for name, x in found.items()}


def data(seed: int, n: int = 4000, tasks: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Logits that know something of rare to common labels."""
    rng = np.random.default_rng(seed)
    prevalence = np.geomspace(0.005, 0.5, tasks)
    labels = (rng.random((n, tasks)) < prevalence).astype(np.uint8)
    logits = rng.normal(-3, 2, (n, tasks)) + 1.5 * labels
    return logits.astype(np.float32), labels


def largest_errors(found: Arrays, logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    tasks = [k for k in range(labels.shape[1]) if 0 < labels[:, k].sum() < len(labels)]
    names = {"auroc": exact.roc_auc_score, "average_precision": exact.average_precision_score}
    return {
        name: max(abs(found[name][k] - truth(labels[:, k], logits[:, k])) for k in tasks)
        for name, truth in names.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_exact_while_all_windows_fit(seed: int) -> None:
    logits, labels = data(seed, n=ROOM)
    errors = largest_errors(score(logits, labels), logits, labels)
    assert max(errors.values()) < 1e-6  # float32


KINDS = {
    "ordinary": lambda z: z,
    "all but constant": lambda z: -4 + z * 0.005,
    "far apart": lambda z: 8 * z,
    "ties": lambda z: np.round(z * 4) / 4,
    "many zeros": lambda z: np.maximum(z, 0),
    "in rising order": lambda z: np.sort(z, 0),
}


@pytest.mark.parametrize("apart", [1.0, 4.0], ids=["hard", "easy"])
@pytest.mark.parametrize("kind", KINDS)
def test_close_to_exact_far_beyond(kind: str, apart: float) -> None:
    """From 10 positives of 60,000 windows to half of them."""
    rng = np.random.default_rng(0)
    labels = (rng.random((60_000, 10)) < np.geomspace(10 / 60_000, 0.5, 10)).astype(np.uint8)
    logits = KINDS[kind](rng.standard_normal(labels.shape) + apart * labels).astype(np.float32)
    found = score(logits, labels)
    errors = largest_errors(found, logits, labels)
    assert errors["auroc"] < 3e-4
    assert errors["average_precision"] < 1e-4
    assert (found["windows"] == 60_000).all()
    assert (found["positives"] == labels.sum(0)).all()


def test_a_thousand_tasks_in_bounded_memory() -> None:
    logits, labels = data(0, n=30_000, tasks=1000)
    ranks = add(ScoreRanks(1000), logits, labels)
    assert sum(x.nbytes for x in (ranks.groups, ranks.counts, ranks.tied)) == 13 * ROOM * 1000
    some = slice(None, None, 37)
    found = {name: values.numpy()[some] for name, values in ranks.compute().items()}
    assert max(largest_errors(found, logits[:, some], labels[:, some]).values()) < 1e-3


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


@given(many_ties, st.integers(4, 20))
def test_what_shrinking_never_mixes(case: tuple[list[int], list[int]], size: int) -> None:
    z, truth = (torch.tensor(x)[None] for x in case)
    counts = torch.stack([1 - truth, truth]).int()
    small = shrink(rank(z.float(), counts, torch.ones_like(z, dtype=torch.bool)), size)
    assert small.scores.shape == (1, size)
    assert small.counts.sum(2).tolist() == counts.sum(2).tolist()
    above = small.counts[:, small.scores >= 0].sum()
    assert int(above) == int((z >= 0).sum())
    held = small.windows[0] > 0
    assert (small.scores[0][held].diff() < 0).all()
    for value, one_score in zip(small.scores[0][held], small.tied[0][held], strict=True):
        inside = int(small.windows[0][small.scores[0] == value].sum())
        assert not one_score or inside == int((z == value).sum())


def test_the_first_ranks_stay_apart() -> None:
    z = torch.arange(100_000.0, 0, -1)[None]
    counts = torch.stack([torch.ones_like(z), torch.zeros_like(z)]).int()
    small = shrink(rank(z, counts, torch.ones_like(z, dtype=torch.bool)), 2048)
    first = int((small.windows[0] > 1).nonzero()[0])
    assert first > 290
    assert torch.equal(small.scores[0, :first], z[0, :first])
    assert small.tied[0, :first].all()
    before = small.windows[0].cumsum(0) - small.windows[0]
    wide = small.windows[0] > 1
    assert not small.tied[0, wide].any()
    assert float((small.windows[0][wide] / before[wide]).max()) < 2 / first + 0.003


@pytest.mark.parametrize("n", [500, 20_000])
def test_at_probability_one_half(n: int) -> None:
    logits, labels = data(0, n)
    logits[: n // 10] = 0
    found = score(logits, labels)
    called = logits >= 0
    for task in range(labels.shape[1]):
        truth, call = labels[:, task], called[:, task]
        expected = {
            "precision": exact.precision_score(truth, call, zero_division=np.nan),
            "recall": exact.recall_score(truth, call, zero_division=np.nan),
            "mcc": exact.matthews_corrcoef(truth, call),
        }
        for name, value in expected.items():
            assert np.isclose(found[name][task], value, equal_nan=True), (name, task)


@pytest.mark.parametrize("n", [100, 30_000])
def test_one_sided_and_constant_tasks(n: int) -> None:
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
    assert found["positives"].tolist() == [0, n, n // 4, n // 4]
    assert found["windows"].tolist() == [n] * 4


def test_any_batches_are_the_same() -> None:
    logits, labels = data(0, n=400)
    whole = score(logits, labels)
    for batch in (1, 17, 399):
        part = score(logits, labels, batch)
        assert all(np.array_equal(part[k], v, equal_nan=True) for k, v in whole.items())


def test_processes_are_put_together() -> None:
    """As torchmetrics does: states stacked by process, then reduced."""
    logits, labels = data(1, n=30_000)
    shares = [add(ScoreRanks(6), logits[k::3], labels[k::3]) for k in range(3)]
    together = add(ScoreRanks(6), logits[:1], labels[:1])  # and is overwritten
    for name, reduce in together._reductions.items():
        assert callable(reduce)
        setattr(together, name, reduce(torch.stack([getattr(one, name) for one in shares])))
    found = {name: values.numpy() for name, values in together.compute().items()}
    assert (found["positives"] == labels.sum(0)).all()
    assert max(largest_errors(found, logits, labels).values()) < 1e-3


def test_reset_forgets() -> None:
    logits, labels = data(0, n=50)
    ranks = add(ScoreRanks(6), logits, labels)
    ranks.reset()
    add(ranks, logits[:9], labels[:9])
    assert ranks.filled == 9
    assert ranks.compute()["windows"].tolist() == [9] * 6


def test_no_memory_before_the_first_window_and_nothing_to_tell() -> None:
    ranks = ScoreRanks(6)
    assert ranks.groups.numel() == 0
    ranks.reset()
    with pytest.warns(UserWarning, match="before the ``update``"):
        assert ranks.compute()["auroc"].isnan().all()


def test_a_call_adds_a_batch_and_tells_of_it_alone() -> None:
    logits, labels = data(0)
    ranks = ScoreRanks(6)
    for part in (slice(0, 900), slice(900, 4000)):
        told = ranks(torch.from_numpy(logits[part]), torch.from_numpy(labels[part]))
        expected = score(logits[part], labels[part])
        assert all(np.array_equal(told[k], v, equal_nan=True) for k, v in expected.items())
    whole = score(logits, labels)
    assert all(np.array_equal(ranks.compute()[k], v, equal_nan=True) for k, v in whole.items())


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64])
def test_any_floating_type_and_logits_stay_as_they_are(kind: torch.dtype) -> None:
    logits, labels = (torch.from_numpy(x) for x in data(0, n=300))
    given = logits.to(kind).requires_grad_()
    before = given.detach().clone()
    ranks, other = ScoreRanks(6), ScoreRanks(6)
    ranks.update(given, labels)
    other.update(given.detach().float(), labels.bool())
    assert torch.equal(given.detach(), before)
    assert torch.equal(ranks.groups, other.groups)
    assert torch.equal(ranks.counts, other.counts)


@pytest.mark.parametrize("extreme", [16.0, 1e15, 3e38, np.inf])
def test_extreme_logits_are_the_outermost(extreme: float) -> None:
    logits = np.array([[-extreme], [-1], [1], [extreme]], np.float32)
    found = score(logits, np.array([[0], [0], [1], [1]]))
    assert found["auroc"][0] == 1


def test_no_number_counts_as_zero() -> None:
    logits = np.array([[np.nan], [0.0], [-1]], np.float32)
    found = score(logits, np.array([[1], [0], [0]]))
    assert found["auroc"][0] == 0.75
