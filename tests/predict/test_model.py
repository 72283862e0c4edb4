"""`nucleotides.load(...)`: sequences in, probabilities out."""

import numpy as np
import pandas as pd
import pytest
import torch

from nucleotides.errors import InputError, StoreError
from nucleotides.genome import decode, one_hot
from nucleotides.predict import Model, load
from nucleotides.predict.effects.score_pairs import PairScorer
from tests.model.test_registry import Own
from tests.toy import lines

LENGTH = 50
RNG = np.random.default_rng(0)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Model(Own(2, LENGTH).eval(), pd.DataFrame({"task": ["a", "b"]}), step=20)


def sequence(length):
    return decode(RNG.integers(0, 4, length).astype(np.uint8))


def probabilities(model, text):
    codes = np.array([["ACGTN".index(letter) for letter in text]], np.uint8)
    return 1 / (1 + np.exp(-model.logits(codes)[0].astype(float)))


def test_one_many_and_named_sequences(model):
    first, second = sequence(LENGTH), sequence(LENGTH)
    table = model.predict({"x": first, "y": second})
    assert table.index.tolist() == ["x", "y"]
    assert table.columns.tolist() == ["a", "b"]
    np.testing.assert_allclose(table.loc["y"], probabilities(model, second))
    np.testing.assert_array_equal(model.predict([first, second]), table)
    np.testing.assert_allclose(model.predict(first), table.iloc[:1], rtol=1e-6)


def test_case_does_not_matter(model):
    text = sequence(LENGTH)
    np.testing.assert_array_equal(model.predict(text), model.predict(text.lower()))


def test_a_longer_sequence_is_read_window_by_window_last_included(model):
    text = sequence(97)
    windows = [probabilities(model, text[i : i + LENGTH]) for i in (0, 20, 40, 47)]
    np.testing.assert_allclose(model.predict(text).iloc[0], np.max(windows, axis=0))


def test_one_hot_and_codes_agree(model):
    codes = RNG.integers(0, 5, (3, LENGTH)).astype(np.uint8)
    np.testing.assert_array_equal(model.logits(codes), model.logits(one_hot(codes)))


@pytest.mark.parametrize(
    ("sequences", "says"),
    [
        ({"short": "ACGT"}, "short has 4 bases; the model needs 50"),
        ({"odd": "ACGT?" * 20}, "odd: character"),
        ([], "no sequence"),
    ],
)
def test_what_cannot_be_predicted_is_refused(model, sequences, says):
    with pytest.raises(InputError, match=says):
        model.predict(sequences)


@pytest.mark.parametrize("shape", [(3, 4), (3, LENGTH + 1), (3, 5, LENGTH), (LENGTH,)])
def test_arrays_of_another_shape_are_refused(model, shape):
    with pytest.raises(InputError, match="neither codes"):
        model.logits(np.zeros(shape, np.uint8))


def test_recalibrated_probabilities(model):
    text = sequence(LENGTH)
    with pytest.raises(InputError, match="this model has no calibration"):
        model.predict(text, recalibrated=True)
    logits = model.logits(np.array([["ACGTN".index(letter) for letter in text]], np.uint8))[0]
    model.calibration = lines(list(model.tasks["task"]), [2.0, 0.5], [-1.0, 1.0])
    expected = 1 / (1 + np.exp(-(logits.astype(float) * [2, 0.5] + [-1, 1])))
    assert model.predict(text, recalibrated=True).loc[0].tolist() == pytest.approx(expected)
    assert model.predict(text).loc[0].tolist() == pytest.approx(1 / (1 + np.exp(-logits)))


def test_nothing_at_a_path_is_told(tmp_path):
    with pytest.raises(InputError, match="none, nor a bundle or the folder of a run"):
        load(tmp_path / "none")


@pytest.mark.parametrize("value", [3e38, float("inf"), float("nan")])
@pytest.mark.parametrize("how", ["predict", "logits", "pairs"])
def test_answers_that_are_no_numbers_are_an_error(model, value, how):
    """Also of weights that are numbers, and too large."""
    with torch.no_grad():
        for weights in model.network.parameters():
            weights.fill_(value)
    codes = RNG.integers(0, 4, (2, LENGTH)).astype(np.uint8)
    ask = {
        "predict": lambda: model.predict(decode(codes[0])),
        "logits": lambda: model.logits(codes),
        "pairs": lambda: PairScorer(model)(codes, codes[::-1]),
    }
    with pytest.raises(StoreError, match="answers values that are no numbers"):
        ask[how]()
