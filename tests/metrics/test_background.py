"""Quantiles, moments and ranks among the genome's windows, against numpy and by counting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.errors import CorruptStoreError, MismatchError
from nucleotides.metrics import ScoreRanks
from nucleotides.metrics.background import TAILS, Background, Moments, background

RISING = np.linspace(-3, 3, TAILS.size, dtype=np.float32)


def made(logits: np.ndarray, batch: int = 999) -> Background:
    """The background of windows (n, tasks) that come batch by batch."""
    n, tasks = logits.shape
    ranks, moments = ScoreRanks(tasks, sync_on_compute=False), Moments(tasks)
    for first in range(0, n, batch):
        part = torch.from_numpy(logits[first : first + batch])
        ranks.update(part, torch.zeros_like(part, dtype=torch.uint8))
        moments.update(part)
    return background([f"t{i}" for i in range(tasks)], ranks.ranked(), moments)


def drawn(n: int, tasks: int = 3, seed: int = 0, digits: int | None = None) -> np.ndarray:
    """Logits of tasks that are ever rarer; with `digits`, many of them are tied."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-2 - np.arange(tasks), 1.5, (n, tasks))
    return (logits if digits is None else logits.round(digits)).astype(np.float32)


def reached(logits: np.ndarray, by: np.ndarray) -> np.ndarray:
    """The part of logits (n,) that is as high or higher than each of `by`, by counting."""
    return 1 - np.searchsorted(np.sort(logits), by, "left") / len(logits)


@pytest.mark.parametrize("n", [1, 2, 64, 1000, 8192])
@pytest.mark.parametrize("digits", [None, 1])
def test_few_windows_have_numpys_quantiles(n: int, digits: int | None) -> None:
    logits = drawn(n, digits=digits)
    found = made(logits)
    expected = np.quantile(logits.astype(np.float64), 1 - TAILS, axis=0).T
    np.testing.assert_allclose(found.logits, expected, atol=2e-6)
    assert found.windows == n
    assert found.tasks == ["t0", "t1", "t2"]


def test_many_windows_keep_their_ranks_and_most_of_all_the_first() -> None:
    logits = drawn(50_000)
    found = made(logits, 8192)
    for task in range(3):
        error = np.abs(reached(logits[:, task], found.logits[task]) - TAILS)
        assert (error <= 1.001 / 50_000 + 0.004 * TAILS).all()


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_moments_are_those_of_the_probabilities_in_one_pass(batch: int) -> None:
    logits = drawn(1000)
    logits[:, 2] = 20.0  # a mean near 1 with no spread
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    found = made(logits, batch)
    np.testing.assert_allclose(found.mean, p.mean(0), rtol=1e-12)
    np.testing.assert_allclose(found.std, p.std(0), rtol=1e-9, atol=1e-12)
    standard = found.z_score(p)
    np.testing.assert_allclose(standard[:, :2], ((p - p.mean(0)) / p.std(0))[:, :2], rtol=1e-9)
    flat = made(np.zeros((9, 1), np.float32))
    assert np.isnan(flat.z_score(np.full((2, 1), 0.5))).all()


@given(seed=st.integers(0, 100), n=st.sampled_from([1, 5, 300, 9000]), digits=st.integers(0, 3))
def test_a_tail_agrees_with_counting(seed: int, n: int, digits: int) -> None:
    logits = drawn(n, 1, seed, digits)
    asked = np.linspace(logits.min() - 1, logits.max() + 1, 301)
    asked = np.concatenate([asked, logits[:50, 0]]).astype(np.float32)
    asked.sort()
    tail = made(logits).tail(asked[:, None])[:, 0]
    assert (np.diff(tail) <= 0).all()
    assert tail.min() >= 1 / (n + 1)
    counted = reached(logits[:, 0], asked)
    # Between two quantiles that are kept, the truth lies somewhere between both parts.
    at = np.clip(np.searchsorted(TAILS[::-1], counted), 1, TAILS.size - 1)
    gap = TAILS[::-1][at] - TAILS[::-1][at - 1]
    assert (np.abs(tail - counted) <= 1.01 * gap + 1 / n + 0.003).all()


def test_the_ends_of_a_tail() -> None:
    logits = drawn(2000)
    found = made(logits)
    highest, lowest = logits.max(0), logits.min(0)
    assert (found.tail(lowest[None]) == 1).all()
    assert (found.tail(lowest[None] - 9) == 1).all()
    np.testing.assert_array_equal(found.tail(np.stack([highest, highest + 9])), 1 / 2001)


def test_the_tail_of_a_score_that_all_windows_have() -> None:
    found = made(np.full((100, 1), 0.25, np.float32))
    np.testing.assert_array_equal(found.tail([[0.2], [0.25], [0.3]]), [[1], [1], [1 / 101]])


def test_the_table_has_probabilities() -> None:
    logits = drawn(500)
    table = made(logits).table()
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    columns = ["task", "mean_prediction", "std_prediction", "median", "top 1%", "top 0.1%"]
    assert list(table.columns) == columns
    np.testing.assert_allclose(table["mean_prediction"], p.mean(0))
    np.testing.assert_allclose(table["median"], np.median(p, 0), rtol=1e-4)
    assert table["top 0.1%"].isna().all()  # less than one window of 500
    table = made(drawn(2000)).table()
    assert (table["top 0.1%"] >= table["top 1%"]).all()


def test_what_is_saved_is_opened(tmp_path: Path) -> None:
    known = made(drawn(100))
    known.save(tmp_path / "b")
    found = Background.open(tmp_path / "b", known.tasks)
    assert (found.tasks, found.windows) == (known.tasks, 100)
    for name in ("logits", "mean", "std"):
        np.testing.assert_array_equal(getattr(found, name), getattr(known, name))
    np.testing.assert_array_equal(found.tail(known.logits.T), known.tail(known.logits.T))


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    known = Background(["é", "NA"], np.stack([RISING, RISING]), *np.ones((2, 2)), 9)
    path = tmp_path / "b"
    known.save(path)
    assert Background.open(path, ["é", "NA"]).tasks == ["é", "NA"]
    for tasks in (["NA", "é"], ["é"], ["é", "NA", "b"]):
        with pytest.raises(MismatchError, match="other tasks: run `nucleotides post-process`"):
            Background.open(path, tasks)
    arrays = {name: np.array(x) for name, x in open_arrays(path).items()}
    save_arrays(path, {**arrays, "logits": arrays["logits"][:, 1:]})
    with pytest.raises(MismatchError, match="another version"):
        Background.open(path, ["é", "NA"])
    path.write_bytes(b"nonsense")
    with pytest.raises(CorruptStoreError):
        Background.open(path, ["é", "NA"])
