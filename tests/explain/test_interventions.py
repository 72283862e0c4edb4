import numpy as np
import pytest
import torch
from torch import nn

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.explain import (
    ablate,
    deep_lift_shap,
    integrated_gradients,
    marginalise,
    shuffle_dinucleotides,
    space,
    tile_deletions,
)
from nucleotides.genome import encode
from nucleotides.model.motifs import Motif
from tests.explain.nets import LENGTH, Held, Net, convolutional, windows


@pytest.fixture(params=[True, False], ids=["followed", "whole"])
def model(request):
    return Held(Net(convolutional()), followed=request.param)


def planted(codes, text, start):
    out = codes.copy()
    for i, letter in enumerate(text):
        if letter != "N":
            out[:, start + i] = "ACGT".index(letter)
    return out


def test_a_motif_in_the_middle_of_backgrounds(model):
    backgrounds = windows(30, unknown=True)
    found = marginalise(model, "TGANTCA", backgrounds, ["t2", "t0"])
    each = (model.logits(planted(backgrounds, "TGANTCA", 21)) - model.logits(backgrounds))[
        :, [2, 0]
    ]
    np.testing.assert_allclose(found.mean, each.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found.error, each.std(axis=0, ddof=1) / np.sqrt(30), atol=1e-5)
    assert (found.n, found.tasks) == (30, ["t2", "t0"])


def test_a_matrix_is_its_likeliest_sequence(model):
    backgrounds, matrix = windows(4), np.full((6, 4), 0.1)
    matrix[np.arange(6), encode("GATTAC")] = 0.7
    found = marginalise(model, Motif("m", matrix), backgrounds, position=3)
    wanted = marginalise(model, "GATTAC", backgrounds, position=3)
    np.testing.assert_array_equal(found.mean, wanted.mean)


def test_ablations_are_differences_of_logits(model):
    codes, spans = windows(3), [(0, 7), (20, 45), (49, 50)]
    found = ablate(model, codes, spans, copies=4, seed=2)
    unknown = ablate(model, codes, spans, ["t1"], instead="N")
    wild = model.logits(codes)
    for i, (start, end) in enumerate(spans):
        without = codes.copy()
        without[:, start:end] = 4
        wanted = model.logits(without) - wild
        np.testing.assert_allclose(unknown.mean[:, i], wanted[:, 1:2], atol=1e-5)
        others, each = shuffle_dinucleotides(codes[:, start:end], 4, seed=2), []
        for k in range(4):
            without[:, start:end] = others[:, k]
            each.append(model.logits(without) - wild)
        np.testing.assert_allclose(found.mean[:, i], np.mean(each, axis=0), atol=1e-5)
        error = np.std(each, axis=0, ddof=1) / 2
        np.testing.assert_allclose(found.error[:, i], error, atol=1e-5)
    assert np.isnan(unknown.error).all()


def test_random_bases_are_drawn_from_a_seed(model):
    one, two, other = (
        ablate(model, windows(2), [(10, 30)], instead="random", seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.mean, two.mean)
    assert (one.mean != other.mean).all()


def test_tiles_lie_side_by_side(model):
    codes = windows(2)
    spans, effects = found = tile_deletions(model, codes, 10, 5, instead="N")
    assert spans.tolist() == [[i, i + 10] for i in range(0, 41, 5)]
    wanted = ablate(model, codes, spans, instead="N").mean
    np.testing.assert_array_equal(effects.mean, wanted)
    mean = found.by_position(LENGTH)
    np.testing.assert_allclose(mean[:, :, 3], wanted[:, 0])
    np.testing.assert_allclose(mean[:, :, 7], wanted[:, :2].mean(axis=1))


def test_two_motifs_by_distance_and_orientation(model):
    backgrounds = windows(8)
    found = space(model, "TGACA", "CCGT", backgrounds, [0, 6], ["++", "-+"], ["t1"])
    assert found[["orientation", "gap"]].values.tolist() == [
        ["++", 0], ["++", 6], ["-+", 0], ["-+", 6],
    ]  # fmt: skip
    wild = model.logits(backgrounds)
    for row in found.itertuples():
        a, start = {"+": "TGACA", "-": "TGTCA"}[row.orientation[0]], 22 + 5 + row.gap
        with_a, with_b = planted(backgrounds, a, 22), planted(backgrounds, "CCGT", start)
        each = [
            (model.logits(some) - wild)[:, 1]
            for some in (with_a, with_b, planted(with_a, "CCGT", start))
        ]
        each.append(each[2] - each[0] - each[1])
        for name, values in zip(("a", "b", "joint", "excess"), each, strict=True):
            assert getattr(row, name) == pytest.approx(values.mean(), abs=1e-5)
            error = values.std(ddof=1) / np.sqrt(8)
            assert getattr(row, f"{name}_error") == pytest.approx(error, abs=1e-5)


def test_motifs_of_a_linear_model_have_no_excess():
    torch.manual_seed(0)
    model = Held(Net(nn.Sequential(nn.Flatten(), nn.Linear(4 * LENGTH, 3))))
    found = space(model, "TGACA", "CCGT", windows(5), [0, 9])
    assert found["excess"].abs().max() < 1e-5
    assert found["joint"].abs().max() > 1e-2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda m: marginalise(m, "", windows()),
        lambda m: marginalise(m, "ACGT", windows(), position=47),
        lambda m: ablate(m, windows(), [(5, 5)]),
        lambda m: ablate(m, windows(), [(40, 51)]),
        lambda m: tile_deletions(m, windows(), 0),
        lambda m: space(m, "ACG", "ACG", windows(), [-1]),
        lambda m: space(m, "ACG", "ACG", windows(), [1], ["+"]),
        lambda m: space(m, "ACG", "ACG", windows(), [30]),
        lambda m: space(m, "ACG", "ACG", windows(0), [1]),
        lambda m: marginalise(m, "ACGT", windows(0)),
        lambda m: marginalise(m, "TGASTCA", windows()),
        lambda m: ablate(m, windows(), []),
        lambda m: ablate(m, windows(), [(0, 5)], copies=0),
        lambda m: integrated_gradients(m, windows(), steps=0),
        lambda m: integrated_gradients(m, windows(), baseline="shuffles", copies=0),
        lambda m: deep_lift_shap(m, windows(), references=0),
        lambda m: deep_lift_shap(m, windows(), references=np.empty((2, 0, LENGTH), np.uint8)),
        lambda m: shuffle_dinucleotides(windows()[0]),
        lambda m: shuffle_dinucleotides(windows(), 0),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(InputError):
        wrong(Held(Net(convolutional())))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda m: ablate(m, windows(), [(0, 5)], instead="suffle"),
        lambda m: tile_deletions(m, windows(), 10, instead="suffle"),
        lambda m: integrated_gradients(m, windows(), baseline="suffles"),
        lambda m: integrated_gradients(m, windows(), rule="suffle"),
    ],
)
def test_unknown_options_are_refused(wrong):
    with pytest.raises(UnknownNameError, match="suffle"):
        wrong(Held(Net(convolutional())))
