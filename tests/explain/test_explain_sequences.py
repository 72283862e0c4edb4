"""Explanations of sequences of any length, by every method."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from torch import nn

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.explain import explain, saturation_mutagenesis
from nucleotides.explain.explain_sequences import last_of
from nucleotides.explain.explainer import Explainer
from nucleotides.explain.methods import METHODS, How, explain_windows
from nucleotides.explain.overlap_windows import Mean, Overlap
from nucleotides.genome import decode
from tests import toy
from tests.explain.nets import LENGTH, TASKS, Held, Net, convolutional, windows

SEQUENCES = {"one": toy.sequence(LENGTH, 1), "long": toy.sequence(137, 2).lower()}


@pytest.fixture(scope="module")
def model() -> Held:
    return Held(Net(convolutional()))


@pytest.mark.parametrize("method", METHODS)
def test_a_sequence_of_one_window_is_that_window(model: Held, method: str) -> None:
    codes = windows(3)
    found = explain(model, codes, method, ["t2", "t0"], seed=3)
    expected = explain_windows(model, codes, ["t2", "t0"], How(method, seed=3))
    np.testing.assert_allclose(found.values, expected.values, atol=1e-6)
    assert (found.gap is None) == (expected.gap is None)
    if found.gap is not None:
        np.testing.assert_allclose(found.gap, expected.gap, atol=1e-6)
    assert found.tasks == ["t2", "t0"]


def test_letters_names_and_lengths(model: Held) -> None:
    found = explain(model, SEQUENCES, "input_x_gradient")
    assert found.names == ["one", "long"]
    assert found.lengths.tolist() == [LENGTH, 137]
    assert found.values.shape == (2, TASKS, 4, 137)
    assert decode(found.codes[0]) == SEQUENCES["one"] + "N" * (137 - LENGTH)
    assert decode(found.codes[1]) == SEQUENCES["long"].upper()
    assert not found.values[0, ..., LENGTH:].any()
    alone = explain(model, SEQUENCES["long"], "input_x_gradient")
    np.testing.assert_allclose(alone.values[0], found.values[1], atol=1e-6)


def test_signs(model: Held) -> None:
    """By hand: exchange every base of one position, on both scales."""
    codes = windows(1, unknown=True)
    codes[0, 7] = 2
    at = np.repeat(codes, 3, axis=0)
    at[:, 7] = [0, 1, 3]
    wild, mutant = model.logits(codes), model.logits(at)
    for scale, told in (("logit", lambda z: z), ("probability", expit)):
        found = explain(model, codes, scale=scale)
        change = told(mutant.astype(float)) - told(wild.astype(float))
        np.testing.assert_allclose(found.values[0, :, [0, 1, 3], 7], change, atol=1e-6)
        np.testing.assert_allclose(found.mean_effect[0, :, 7], change.mean(0), atol=1e-6)
        np.testing.assert_allclose(found.contributions[0, :, 7], -change.mean(0), atol=1e-6)
    assert not found.contributions[0, :, codes[0] == 4].any()


class Additive(nn.Module):
    """Logits that are sums over bases: a window says of a base what any other would."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = torch.tensor([[1.0, -2.0, 0.5, 3.0], [0.0, 1.0, 0.0, -1.0], [2.0, 0.0, 0.0, 0.0]])
        return torch.einsum("nbl,tb->nt", x, weights)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("step", [None, 1, 7, LENGTH])
def test_windows_that_agree_are_joined_without_a_seam(method: str, step: int | None) -> None:
    model = Held(Net(Additive()))
    text = toy.sequence(181, 4)
    found = explain(model, text, method, step=step)
    if method == "deep_lift_shap":  # whose shuffles differ from window to window
        np.testing.assert_allclose(found.gap, 0, atol=1e-3)
        return
    for base in "ACGT":
        here = found.values[0][..., [i for i, letter in enumerate(text) if letter == base]]
        np.testing.assert_allclose(here, here[..., :1].repeat(here.shape[-1], -1), atol=1e-4)


@given(st.integers(1, 60), st.data())
def test_every_base_is_in_a_part_that_counts(length: int, data: st.DataObject) -> None:
    step = data.draw(st.integers(1, length))
    size = data.draw(st.integers(length, 5 * length))
    overlap = Overlap.of(length, step)
    places = overlap.places(size)
    mean = Mean((size,))
    for place in places:
        assert 0 <= place.start <= size - length
        weights = overlap.weights(place)
        assert weights.size == place.end - place.first
        assert weights.min() >= 1
        first = place.start + place.first
        mean.add(first, np.arange(first, first + weights.size, dtype=np.float32), weights)
    np.testing.assert_allclose(mean.result(), np.arange(size), rtol=1e-6, atol=1e-6)
    assert len(places) == 1 + -(-(size - length) // step)


def test_edges_of_windows_fade() -> None:
    assert Overlap.of(80) == (80, 20)
    overlap = Overlap.of(80, 40)
    assert overlap.margin == 10
    first, middle, last = overlap.places(160)
    assert (first, middle, last) == ((0, 0, 70), (40, 10, 70), (80, 10, 80))
    weights = overlap.weights(middle)
    assert weights[0] == weights[-1] == 1
    assert weights.max() == 30
    assert (weights == weights[::-1]).all()


def test_a_long_sequence_costs_four_windows_a_length(model: Held) -> None:
    overlap = Overlap.of(1000)
    assert len(overlap.places(10_000)) == 37
    explainer = Explainer(model, ["t0"], How(), Overlap.of(LENGTH))
    codes = [windows(1, 400)[0], *windows(9)]
    steps = list(explainer.explain(codes))
    assert len(steps) == len(list(explainer.batches(codes)))
    assert len(last_of(explainer.explain(codes))) == 10


def test_middles_are_those_of_the_windows(model: Held) -> None:
    codes = windows(1, 3 * LENGTH)
    found = explain(model, codes, step=LENGTH)  # without overlap: windows side by side
    expected = saturation_mutagenesis(model, codes.reshape(3, LENGTH))
    np.testing.assert_allclose(found.values[0], np.concatenate(list(expected), axis=-1), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        (("A" * 10,), InputError, "sequence 0 has 10 bases; the model needs 50"),
        (({"x": "A" * 50 + "?"},), InputError, "sequence x: character '?' at position 50"),
        (([],), InputError, "no sequence"),
        ((windows(1).astype(int),), InputError, "give letters, or codes uint8"),
        (("A" * 60, "mutagensis"), UnknownNameError, "did you mean 'mutagenesis'"),
        (("A" * 60, "ig"), UnknownNameError, "did you mean 'integrated_gradients'"),
        (("A" * 60, "saliency", ["tt0"]), UnknownNameError, "did you mean 't0'"),
    ],
)
def test_what_is_wrong_is_told(model: Held, arguments: tuple, kind: type, says: str) -> None:
    with pytest.raises(kind, match=says.replace("?", r"\?")):
        explain(model, *arguments)


def test_options_that_mean_nothing(model: Held) -> None:
    text = SEQUENCES["one"]
    with pytest.raises(InputError, match="probabilities are for mutagenesis"):
        explain(model, text, "saliency", scale="probability")
    with pytest.raises(InputError, match="bfloat16 is for mutagenesis"):
        explain(model, text, "deep_lift_shap", precision="bfloat16")
    with pytest.raises(UnknownNameError, match="unknown scale"):
        explain(model, text, scale="log")
    with pytest.raises(InputError, match="a step of 51"):
        explain(model, text, step=51)
    with pytest.raises(InputError, match="exchanges no bases"):
        _ = explain(model, text, "saliency").mean_effect


def test_a_name_is_one_task(model: Held) -> None:
    assert explain(model, SEQUENCES["one"], "saliency", "t1").tasks == ["t1"]
