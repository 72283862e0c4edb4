"""Seqlets: what was put in is found, nothing is found in noise, neighbours are told apart."""

from __future__ import annotations

import numpy as np
import pytest

from nucleotides.explain.seqlets import find_seqlets
from nucleotides.explain.weigh_bases import actual, hypothetical

Planted = list[tuple[int, int, int]]


def track(n: int = 40, length: int = 400, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, (n, length))


def with_sites(height: float, seed: int = 0) -> tuple[np.ndarray, Planted]:
    """A stretch of 10 in every window, of this height."""
    noise, rng = track(seed=seed), np.random.default_rng(seed + 1)
    sites = [(i, start, start + 10) for i, start in enumerate(rng.integers(0, 390, len(noise)))]
    for window, start, end in sites:
        noise[window, start:end] += height
    return noise, sites


@pytest.mark.parametrize("height", [1.0, -1.0])
def test_what_was_put_in_is_found_first(height: float) -> None:
    noise, sites = with_sites(height)
    first = find_seqlets(noise).groupby("window").first()
    assert len(first) == len(sites)
    for window, start, end in sites:
        row = first.loc[window]
        assert abs(row["start"] - start) <= 2
        assert abs(row["end"] - end) <= 2
        assert np.sign(row["score"]) == np.sign(height)


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_none(seed: int) -> None:
    assert find_seqlets(track(seed=seed)).empty


def test_shuffled_positions_have_next_to_none() -> None:
    noise, sites = with_sites(1.0)
    shuffled = np.random.default_rng(0).permuted(noise, axis=1)
    assert len(find_seqlets(noise)) >= len(sites)
    assert len(find_seqlets(shuffled)) < len(sites) / 4


def test_scores_are_sums_and_places_lie_within() -> None:
    noise, _ = with_sites(1.0)
    found = find_seqlets(noise)
    used = np.zeros(noise.shape, bool)
    for row in found.itertuples():
        assert 0 <= row.start < row.end <= noise.shape[1]
        part = np.where(used[row.window], 0, noise[row.window])[row.start : row.end]
        assert row.score == pytest.approx(part.sum())
        used[row.window, row.start : row.end] = True


def test_neighbours_are_told_apart() -> None:
    noise, _ = with_sites(0.0)
    noise[:, 100:108] += 1.0
    noise[:, 114:122] += 1.5
    found = find_seqlets(noise)
    for window in range(len(noise)):
        here = found[found["window"] == window].sort_values("start")
        near = [(s, e) for s, e in here[["start", "end"]].to_numpy() if 90 < s < 130]
        assert any(s <= 102 and e <= 116 for s, e in near)
        assert any(s >= 108 and e >= 120 for s, e in near)


def test_the_scale_does_not_matter_and_the_sign_turns() -> None:
    noise, _ = with_sites(1.0)
    found, scaled, turned = (find_seqlets(noise * k) for k in (1, 8, -1))
    assert scaled[["window", "start", "end"]].equals(found[["window", "start", "end"]])
    assert np.allclose(turned["score"], -found["score"])


def test_nothing_comes_of_nothing() -> None:
    assert find_seqlets(np.zeros((3, 100))).empty
    assert find_seqlets(np.zeros((0, 100))).empty
    assert find_seqlets(np.ones((2, 5))).empty
    assert list(find_seqlets(np.zeros((3, 100)))) == ["window", "start", "end", "score", "p"]


def test_contributions_are_what_the_loss_of_a_base_costs() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 5, (3, 50)).astype(np.uint8)
    logits = rng.normal(size=(3, 2, 4, 50))
    effects = logits.copy()
    for i, j in zip(*np.nonzero(codes < 4), strict=True):
        effects[i, :, :, j] -= logits[i, :, codes[i, j], j][:, None]
    would = hypothetical(effects)
    assert np.allclose(would.sum(axis=2), 0, atol=1e-5)
    there = actual(would, codes)
    for i in range(3):
        for j in range(50):
            others = [b for b in range(4) if b != codes[i, j]]
            lost = -effects[i, :, others, j].mean(axis=0) if codes[i, j] < 4 else 0
            assert np.allclose(there[i, :, j], lost, atol=1e-5)


def test_hypothetical_contributions_do_not_depend_on_what_is_there() -> None:
    effects = np.random.default_rng(0).normal(size=(2, 4, 30))
    assert np.allclose(hypothetical(effects), hypothetical(effects + 3.0), atol=1e-5)
