"""Several models as one: the mean probability, its spread, and members that do not fit."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nucleotides.errors import InputError, MismatchError
from nucleotides.genome import decode
from nucleotides.model.encoding import one_hot
from nucleotides.model.mean_probability import MeanProbability, logit_of_mean
from nucleotides.predict import Ensemble, Model
from tests.model.test_registry import Own
from tests.toy import lines

LENGTH = 50
RNG = np.random.default_rng(0)
TASKS = pd.DataFrame({"task": ["a", "b"], "assay": ["x", "y"]})


def own(seed, length=LENGTH, tasks=TASKS, step=20):
    torch.manual_seed(seed)
    return Model(Own(len(tasks), length).eval(), tasks, step=step)


@pytest.fixture
def members():
    return {f"m{seed}": own(seed) for seed in range(3)}


def sequences(*lengths):
    return [decode(RNG.integers(0, 4, n).astype(np.uint8)) for n in lengths]


def test_the_mean_of_the_members_and_their_spread(members):
    texts = sequences(LENGTH, LENGTH)
    ensemble = Ensemble(members)
    by_member = np.stack([m.predict(texts) for m in members.values()])
    np.testing.assert_allclose(ensemble.predict(texts), by_member.mean(0), rtol=1e-6)
    spread = ensemble.standard_deviation(texts)
    np.testing.assert_allclose(spread, by_member.std(0), rtol=1e-5)
    assert spread.columns.tolist() == ["a", "b"]
    assert ensemble.tasks["assay"].tolist() == ["x", "y"]
    assert ensemble.sequence_length == LENGTH


def test_of_a_longer_sequence_the_window_with_the_highest_mean_counts(members):
    (text,) = sequences(97)
    windows = [text[i : i + LENGTH] for i in (0, 20, 40, 47)]
    by_member = np.stack([m.predict(windows) for m in members.values()])
    mean, spread = by_member.mean(0), by_member.std(0)
    ensemble = Ensemble(members)
    named = {"short": windows[1], "long": text}
    np.testing.assert_allclose(ensemble.predict(named).loc["long"], mean.max(0), rtol=1e-6)
    at = mean.argmax(0)
    expected = spread[at, [0, 1]]
    found = ensemble.standard_deviation(named)
    np.testing.assert_allclose(found.loc["long"], expected, rtol=1e-5)
    np.testing.assert_allclose(found.loc["short"], spread[1], rtol=1e-5)


def test_recalibrated_each_member_by_its_own_calibration(members):
    texts = sequences(LENGTH, 70)
    with pytest.raises(InputError, match="m0: this model has no calibration"):
        Ensemble(members).predict(texts, recalibrated=True)
    for k, member in enumerate(members.values()):
        member.calibration = lines(list(member.tasks["task"]), [1.0 + k, 0.5], [-k, 1.0])
    ensemble = Ensemble(members)
    short = np.stack([m.predict(texts[0], recalibrated=True) for m in members.values()])
    found = ensemble.predict(texts, recalibrated=True)
    np.testing.assert_allclose(found.iloc[:1], short.mean(0), rtol=1e-6)
    spread = ensemble.standard_deviation(texts, recalibrated=True)
    np.testing.assert_allclose(spread.iloc[:1], short.std(0), rtol=1e-5)
    assert not np.allclose(ensemble.predict(texts), found)


def test_the_network_is_the_ensemble_gradients_and_strands_too(members):
    next(iter(members.values())).network.both_strands = True
    ensemble = Ensemble(members)
    codes = RNG.integers(0, 5, (3, LENGTH)).astype(np.uint8)
    by_member = np.stack([1 / (1 + np.exp(-m.logits(codes))) for m in members.values()])
    found = 1 / (1 + np.exp(-ensemble.logits(codes)))
    np.testing.assert_allclose(found, by_member.mean(0), rtol=1e-5)
    x = one_hot(torch.from_numpy(codes)).requires_grad_()
    ensemble.network(x).sum().backward()
    assert x.grad.abs().sum() > 0


@given(arrays(np.float64, (3, 4), elements=st.floats(-300, 300)))
def test_the_logit_of_the_mean_is_exact_and_between_its_members(logits):
    mean = logit_of_mean(torch.from_numpy(logits)).numpy()
    assert np.isfinite(mean).all()
    slack = 1e-9 * (1 + np.abs(logits).max(0))
    assert (mean <= logits.max(0) + slack).all()
    assert (mean >= logits.min(0) - slack).all()
    with np.errstate(over="ignore"):
        expected = (1 / (1 + np.exp(-logits))).mean(0)
    np.testing.assert_allclose(torch.from_numpy(mean).sigmoid(), expected, rtol=1e-9, atol=0)


def test_one_member_is_itself(members):
    codes = torch.randint(0, 4, (2, LENGTH), dtype=torch.uint8)
    network = members["m0"].network
    alone = MeanProbability([network]).logits(codes)
    torch.testing.assert_close(alone, network.logits(codes), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (lambda: own(1, length=60), "odd and m0 .* windows of 60 and 50 bases"),
        (lambda: own(1, step=10), "label bins of 10 and 20 bases"),
        (
            lambda: own(1, tasks=pd.DataFrame({"task": ["a", "c"]})),
            r"not in it \(b\); 1 of its .* \(c\)",
        ),
        (lambda: own(1, tasks=TASKS[::-1]), "the same, in another order"),
    ],
)
def test_members_that_do_not_fit_are_refused(members, other, says):
    with pytest.raises(MismatchError, match=says):
        Ensemble({**members, "odd": other()})
