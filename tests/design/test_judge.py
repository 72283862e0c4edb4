"""Scores of sequences that are alike are those of each by itself; what they cost is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from nucleotides.design import wish
from nucleotides.design.judge import Judge
from nucleotides.design.voice import Voice
from nucleotides.genome import decode, encode, one_hot
from nucleotides.predict import Model
from tests import toy
from tests.design import nets
from tests.explain.nets import Net, convolutional

ASKED = wish("k562_ctcf", "hepg2_ctcf")


@pytest.fixture(scope="module")
def model() -> Model:
    """Convolutions and pooling over 50 bases; both strands."""
    network = Net(convolutional())
    network.both_strands = True
    return nets.model_of(network)


def logits(model: Model, codes: np.ndarray) -> np.ndarray:
    """Scores of `ASKED` by whole predictions, (n,)."""
    p = model.predict([decode(one) for one in codes]).to_numpy(np.float64)
    z = np.log(p / (1 - p))
    return np.asarray(z[:, 0] - z[:, 2])


def blind(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of which nothing can be followed."""
    monkeypatch.setattr(model, "evaluator", lambda precision="float32": None)


@pytest.mark.parametrize("length", [50, 52, 83])
@pytest.mark.parametrize("followed", [True, False])
def test_scores_of_changes_are_those_of_whole_sequences(
    model: Model, length: int, followed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not followed:
        blind(model, monkeypatch)
    codes = encode(toy.sequence(length, 1))
    voice = Voice(model, ASKED, length)
    rng = np.random.default_rng(0)
    position = rng.integers(length, size=60)
    base = ((codes[position] + rng.integers(1, 4, 60)) % 4).astype(np.uint8)
    edited = np.repeat(codes[None], 60, axis=0)
    edited[np.arange(60), position] = base
    np.testing.assert_allclose(voice.scores(edited), logits(model, edited), atol=1e-5)
    np.testing.assert_allclose(
        voice.exchanges(codes, position, base), logits(model, edited), atol=1e-5
    )
    edited[:, 10:18] = rng.integers(0, 4, (60, 8))
    np.testing.assert_allclose(voice.patches(codes, edited), logits(model, edited), atol=1e-5)


@pytest.mark.parametrize("length", [50, 83])
def test_slopes_are_differences(model: Model, length: int) -> None:
    codes = encode(toy.sequence(length, 2))
    judge = Judge(Voice(model, ASKED, length), [], codes, distance_penalty=2.0)
    x = torch.from_numpy(one_hot(codes[None]))
    scores, slope = judge.slopes(x)
    np.testing.assert_allclose(scores, judge.scores(codes[None]), atol=1e-5)
    step, at = 1e-3, 20
    up, down = x.clone(), x.clone()
    for moved, by in ((up, step), (down, -step)):
        moved[0, 1, at] += by
        moved[0, 2, at] -= by
    found = (judge.slopes(up)[0] - judge.slopes(down)[0]) / (2 * step)
    expected = slope[0, 1, at] - slope[0, 2, at]
    np.testing.assert_allclose(found, expected, atol=2e-2)
    assert slope.sum(1).abs().max() < 1e-4


def test_penalties() -> None:
    models = [nets.linear(seed) for seed in range(3)]
    voices = [Voice(one, ASKED, nets.LENGTH) for one in models]
    start, codes = (encode(toy.sequence(nets.LENGTH, seed)) for seed in (0, 1))
    judge = Judge(voices[0], voices[1:], start, disagreement_penalty=1.5, distance_penalty=3.0)
    each = np.array([logits(one, codes[None])[0] for one in models])
    edits = (start != codes).mean()
    expected = each[0] - 1.5 * each.std() - 3 * edits
    found, slope = judge.slopes(torch.from_numpy(one_hot(codes[None])))
    np.testing.assert_allclose(judge.scores(codes[None]), [expected], atol=1e-4)
    np.testing.assert_allclose(found, [expected], atol=1e-4)
    np.testing.assert_allclose(judge.disagreement(codes[None]), [each.std()], atol=1e-4)
    step = np.eye(4, dtype=np.float32)[2] - np.eye(4, dtype=np.float32)[1]
    moved = one_hot(codes[None])
    moved[0, :, 7] += 1e-3 * step
    change = judge.slopes(torch.from_numpy(moved))[0] - found
    np.testing.assert_allclose(change / 1e-3, slope[0, :, 7].numpy() @ step, atol=1e-2)
    silent = Judge(voices[0], voices[1:], start)
    np.testing.assert_allclose(silent.scores(codes[None]), each[:1], atol=1e-4)
    assert np.isnan(Judge(voices[0], [], start).disagreement(codes[None])).all()


@pytest.mark.parametrize(("length", "windows"), [(50, 1), (83, 8)])
def test_passes_are_counted(model: Model, length: int, windows: int) -> None:
    voice = Voice(model, ASKED, length)
    codes = encode(toy.sequence(length))
    for others, penalty, cost in (([], 0.0, 1), ([voice], 0.0, 1), ([voice], 1.0, 2)):
        judge = Judge(voice, others, codes, penalty)
        assert judge.cost == windows * cost
        position, base = np.array([0, 7, 9]), np.array([1, 1, 1], np.uint8)
        judge.scores(codes[None])
        judge.exchanges(codes, position, base)
        judge.patches(codes, codes[None])
        judge.slopes(torch.from_numpy(one_hot(codes[None])))
        judge.disagreement(codes[None])
        assert (judge.passes, judge.gradients) == (6 * judge.cost, judge.cost)


def test_every_logit_is_the_prediction(model: Model) -> None:
    letters = toy.sequence(83, 3)
    found: Any = Voice(model, ASKED, 83).every_logit(encode(letters)[None])
    expected = model.predict(letters).to_numpy()
    np.testing.assert_allclose(1 / (1 + np.exp(-found)), expected, atol=1e-6)
