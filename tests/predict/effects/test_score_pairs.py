"""Pairs of windows: logits of one, and differences, against reading all windows."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from nucleotides.genome import reverse_complement
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.predict import Model
from nucleotides.predict.effects import score_pairs
from nucleotides.predict.effects.score_pairs import PairScorer
from nucleotides.predict.ensemble import Ensemble

LENGTH, TASKS = 80, 3


class Net(FunctionalModel):
    def __init__(self, seed=0, branches=False):
        super().__init__(TASKS, LENGTH)
        torch.manual_seed(seed)
        self.convolution = nn.Conv1d(4, 8, 7)
        self.layer = nn.Linear(8 * 37, TASKS)
        self.branches = branches

    def forward(self, x):
        if self.branches and x.sum() < 0:
            return x.sum(2)[:, :TASKS]
        h = torch.max_pool1d(self.convolution(x).relu(), 2)
        return self.layer(h.flatten(1)) * 3


def model(network=None, seed=0):
    tasks = pd.DataFrame({"task": [f"t{i}" for i in range(TASKS)]})
    return Model((network or Net(seed)).eval(), tasks, 20)


def strands():
    made = model()
    made.network.both_strands = True
    return made


MODELS = {
    "one": model,
    "averages strands by itself": strands,
    "cannot be followed": lambda: model(Net(branches=True)),
    "several": lambda: Ensemble({"a": model(), "b": model(seed=1)}),
    "several, one of which cannot": lambda: Ensemble({"a": model(), "b": model(Net(1, True))}),
}


def some_pairs(seed=0):
    """Pairs that differ in 0 to 80 bases; some windows in several pairs, as ref and as alt."""
    rng = np.random.default_rng(seed)
    ref = rng.integers(0, 5, (24, LENGTH)).astype(np.uint8)
    ref[6:12] = ref[:6]
    alt = ref.copy()
    for i, width in enumerate([0, 1, 1, 2, 3, 7, 1, 16, 17, 40, 64, 65, 80, *[1] * 11]):
        at = int(rng.integers(LENGTH - width + 1)) if i < 20 else (0, LENGTH - width)[i % 2]
        alt[i, at : at + width] = (alt[i, at : at + width] + 1) % 5
    ref[20], alt[21] = alt[19], ref[18]
    return ref, alt


def read_whole(made, ref, alt, both_strands):
    def logits(codes):
        there = made._scores(codes, recalibrated=False)
        if not both_strands:
            return there
        return (there + made._scores(reverse_complement(codes), recalibrated=False)) / 2

    return logits(ref), logits(alt) - logits(ref)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("both_strands", [False, True])
def test_equals_whole_windows(name, both_strands):
    made, (ref, alt) = MODELS[name](), some_pairs()
    found = PairScorer(made, both_strands=both_strands)(ref, alt)
    for some, wanted in zip(found, read_whole(made, ref, alt, both_strands), strict=True):
        assert some.shape == (24, TASKS)
        assert some.dtype == np.float64
        assert np.abs(some - wanted).max() < 1e-5


@pytest.mark.parametrize("name", MODELS)
def test_exchanged_pairs_have_the_opposite_difference_and_equal_ones_none(name):
    scorer, (ref, alt) = PairScorer(MODELS[name](), both_strands=True), some_pairs()
    there, back = scorer(ref, alt)[1], scorer(alt, ref)[1]
    assert np.array_equal(there, -back)
    assert not there[0].any()
    assert there[1:20].any(axis=1).all()


@pytest.mark.parametrize("name", ["one", "cannot be followed"])
def test_what_else_is_in_the_batch_does_not_matter(name):
    scorer, (ref, alt) = PairScorer(MODELS[name]()), some_pairs()
    together = scorer(ref, alt)
    order = np.random.default_rng(1).permutation(24)
    shuffled = scorer(ref[order], alt[order])
    for i in range(24):
        alone = scorer(ref[i : i + 1], alt[i : i + 1])
        for some, one, other in zip(together, alone, shuffled, strict=True):
            assert np.abs(some[i] - one[0]).max() < 2e-6
            assert np.abs(some[i] - other[order == i][0]).max() < 2e-6


@pytest.mark.parametrize("exchanged", [False, True])
def test_mutations_of_a_window_are_followed_from_it(exchanged, monkeypatch):
    """Whatever its letters: two mutations are as far from each other as they lie apart."""
    given = []
    follow = score_pairs.follow_windows
    whole = lambda *args, **more: given.append(args) or follow(*args, **more)  # noqa: E731
    monkeypatch.setattr(score_pairs, "follow_windows", whole)
    wild = np.repeat(np.random.default_rng(0).integers(0, 4, (1, LENGTH)).astype(np.uint8), 240, 0)
    mutants = wild.copy()
    mutants[np.arange(240), np.arange(240) // 3] += (np.arange(240) % 3 + 1).astype(np.uint8)
    mutants %= 4
    PairScorer(model())(*((mutants, wild) if exchanged else (wild, mutants)))
    ((_, windows, base),) = given
    assert all(np.array_equal(windows[i], wild[0]) for i in base)


@pytest.mark.parametrize("name", ["one", "cannot be followed"])
def test_no_pairs(name):
    none = np.empty((0, LENGTH), np.uint8)
    assert [part.shape for part in PairScorer(MODELS[name]())(none, none)] == [(0, TASKS)] * 2


def test_reduced_precision_is_close_and_nothing_is_nothing():
    ref, alt = some_pairs()
    full, reduced = (PairScorer(model(), precision=p)(ref, alt)[1] for p in ("float32", "bfloat16"))
    assert np.corrcoef(full.ravel(), reduced.ravel())[0, 1] > 0.995
    assert not reduced[0].any()
