import numpy as np
import pytest
import torch
from captum.attr import DeepLift, DeepLiftShap
from torch import nn
from torch.nn.functional import layer_norm, max_pool1d, scaled_dot_product_attention, softmax

from nucleotides.explain import deep_lift_shap, explain, shuffle_dinucleotides
from nucleotides.explain.attributions import bases_of
from nucleotides.model.motifnet import MotifNet
from nucleotides.model.registry import create_model
from tests.explain.nets import LENGTH, Held, Net, convolutional, windows

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # captum's, of its own hooks


def test_as_captum_finds_them():
    model, codes = Held(Net(convolutional())), windows(2)
    found = deep_lift_shap(model, codes, ["t2", "t1"], seed=4)
    x, others = (bases_of(c) for c in (codes, shuffle_dinucleotides(codes, 20, 4).reshape(-1, 50)))
    for row in range(2):
        one, base = torch.from_numpy(x[row : row + 1]), torch.from_numpy(others[20 * row :][:20])
        for i, task in enumerate((2, 1)):
            wanted = DeepLiftShap(model.network.body).attribute(one, base, target=task)
            wanted = wanted.detach().numpy().sum(axis=1)[0]
            np.testing.assert_allclose(found.actual()[row, i], wanted, atol=1e-6)


def test_multipliers_are_captums_too():
    torch.manual_seed(0)
    body = nn.Sequential(
        *(nn.Conv1d(4, 8, 5, stride=2), nn.Tanh(), nn.Conv1d(8, 6, 3), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(126, 9), nn.Softplus(), nn.Linear(9, 3)),
    )
    codes = windows(1)
    others = bases_of(shuffle_dinucleotides(codes)[0])
    x = torch.from_numpy(bases_of(codes)).repeat(20, 1, 1)
    rules = DeepLift(body, multiply_by_inputs=False)
    slopes = rules.attribute(x, torch.from_numpy(others), target=1).detach().numpy()
    wanted = (slopes - (slopes * others).sum(1, keepdims=True)).mean(0)
    found = deep_lift_shap(Held(Net(body)), codes, ["t1"])
    np.testing.assert_allclose(found.values[0, 0], wanted, atol=1e-5)


def test_a_linear_model_has_its_weights():
    layer = nn.Linear(4 * LENGTH, 3)
    model, codes = Held(Net(nn.Sequential(nn.Flatten(), layer))), windows(3)
    others = windows(6, seed=1).reshape(3, 2, LENGTH)
    weight = layer.weight.detach().numpy().reshape(3, 4, LENGTH)
    mean = np.stack([bases_of(o).mean(axis=0) for o in others])
    wanted = np.einsum("tbl,nbl->ntl", weight, bases_of(codes) - mean)
    found = deep_lift_shap(model, codes, references=others)
    np.testing.assert_allclose(found.actual(), wanted, atol=1e-6)


def attend(x):
    y = x.transpose(1, 2)
    weights = softmax(y @ x * 2, dim=-1)
    return layer_norm(weights @ y, (4,)).flatten(1)[:, 5:8]


def attend_at_once(x):
    y = x.transpose(1, 2)
    return (scaled_dot_product_attention(y, y, y) * y).sum(1)[:, :3]


def pool_overlapping(x):
    return max_pool1d(torch.relu(max_pool1d(x.cumsum(1), 5, 2)), 3, 1, 1).mean(2)[:, :3]


def compare(x):
    x = torch.nn.functional.avg_pool1d(x, 7) * torch.linspace(-2, 3, 7)
    a, b = x[:, :2], torch.tanh(x[:, 2:] * 2)
    y = torch.maximum(a * b, torch.minimum(b, a)) + x.amax(1, keepdim=True) + x.max(1)[0][:, None]
    return y.mean(2).repeat(1, 2)[:, :3] ** 2


def use_twice(x):
    activation = nn.GELU()
    return activation(activation(x[:, :, 5:20].mean(2) * 3) - 0.2)[:, :3]


FUNCTIONS = [attend, attend_at_once, pool_overlapping, compare, use_twice]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("both_strands", [False, True])
def test_contributions_add_up_whatever_the_network_calls(function, both_strands, capsys):
    model, codes = Held(Net(function), both_strands=both_strands), windows(3)
    found = deep_lift_shap(model, codes, references=4)
    others = shuffle_dinucleotides(codes, 4)
    start = model.logits(others.reshape(-1, LENGTH)).reshape(3, 4, 3).mean(axis=1)
    change = found.actual().sum(axis=2) - found.gap
    np.testing.assert_allclose(change, model.logits(codes) - start, atol=1e-5)
    assert np.abs(found.gap).max() < 1e-3
    assert np.abs(found.actual()).max() > 1e-2
    assert "add up" not in capsys.readouterr().err


def test_contributions_of_motifs_add_up():
    torch.manual_seed(0)
    network = MotifNet(3, 400, n_motifs=6).eval()
    network.filters.normal_()
    found = deep_lift_shap(Held(network), windows(2, 400), references=3)
    assert np.abs(found.gap).max() < 1e-5
    assert np.abs(found.actual()).max() > 1e-4


class Recurrent(nn.Module):
    """Positions first: windows do not stay in order."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.LSTM(4, 6)
        self.last = nn.Linear(6, 3)

    def forward(self, x):
        return self.last(self.layer(x.permute(2, 0, 1) * 3)[0][-1])


def test_recurrent_layers_that_have_positions_first_add_up():
    found = deep_lift_shap(Held(Net(Recurrent())), windows(2, unknown=True), references=3)
    assert np.abs(found.gap).max() < 1e-4
    assert np.abs(found.actual()).max() > 1e-4


def test_windows_that_lie_among_each_other_are_told_apart():
    def function(x):
        by_channel = torch.tanh(torch.cat([x[:, 0], x[:, 1], x[:, 2]]).cumsum(1) / 5)
        return torch.stack(by_channel.mean(1).chunk(3), 1)

    found = deep_lift_shap(Held(Net(function)), windows(2), references=3)
    assert np.abs(found.gap).max() < 1e-5
    assert np.abs(found.actual()).max() > 1e-3


def test_a_network_that_cannot_be_recorded_is_one_call(capsys):
    def draws(x):
        return torch.sigmoid(x.cumsum(2).mean(2))[:, :3] + torch.rand(()) * 1e-9

    found = deep_lift_shap(Held(Net(draws)), windows(2))
    assert "as a whole" in capsys.readouterr().err
    assert np.abs(found.gap).max() < 1e-4


def test_what_cannot_be_told_is_said(capsys):
    def steps(x):
        return 9 * (x.cumsum(2)[:, :3, 10:].mean(2) > 2).float() + x[:, :3, 0]

    found = deep_lift_shap(Held(Net(steps)), windows(9), references=3)
    assert np.abs(found.gap).max() > 1
    assert "contributions do not add up" in capsys.readouterr().err


def test_blocks_of_references_are_one_mean():
    model, codes = Held(Net(convolutional())), windows(1)
    others = shuffle_dinucleotides(codes, 45)
    found = deep_lift_shap(model, codes, references=45)
    parts = [deep_lift_shap(model, codes, references=others[:, i : i + 15]) for i in (0, 15, 30)]
    np.testing.assert_allclose(found.values, np.mean([p.values for p in parts], 0), atol=1e-6)


def test_models_of_the_zoo_add_up():
    torch.manual_seed(0)
    for name in ("deepsea", "basset"):
        model = Held(create_model(name, 2, 400, {}))
        found = deep_lift_shap(model, windows(1, 400), ["t1"], references=2)
        assert np.abs(found.gap).max() < 1e-4, name


def test_it_is_said_once_of_many_batches(capsys):
    def steps(x):
        return 9 * (x.cumsum(2)[:, :3, 10:].mean(2) > 2).float() + x[:, :3, 0]

    explain(Held(Net(steps)), windows(40), "deep_lift_shap")
    said = capsys.readouterr().err
    assert said.count("do not add up") == 1
    assert "of 120 pairs" in said
