"""Programs that do the same with less work."""

import pytest
import torch
from torch.nn import functional as f

from nucleotides.model.local.record import record
from nucleotides.model.local.simplify import simplify

LAYER = torch.rand(3, 40)


def names(function):
    program = simplify(record(function, 20, torch.device("cpu")))
    return [call.name for call in program.calls]


def test_activations_are_behind_pooling_where_they_rise_and_nothing_else_asks_for_them():
    assert names(lambda x: f.max_pool1d(f.relu(x), 2)) == ["max_pool1d", "relu"]
    assert names(lambda x: f.max_pool1d(torch.relu(input=x), 2)) == ["max_pool1d", "relu"]
    assert names(lambda x: f.max_pool1d(f.elu(x, 0.5), 2)) == ["max_pool1d", "elu"]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: f.max_pool1d(f.elu(x, alpha=-0.5), 2),
        lambda x: f.max_pool1d(f.leaky_relu(x, negative_slope=-0.1), 2),
        lambda x: f.max_pool1d(f.leaky_relu(x, -0.1), 2),
        lambda x: f.max_pool1d(f.gelu(x), 2),
        lambda x: (lambda y: torch.cat([f.max_pool1d(y, 2), y], 2))(f.relu(x)),
    ],
)
def test_others_stay_in_front(function):
    assert names(function)[1] == "max_pool1d"


def test_dropout_is_left_out():
    assert names(lambda x: f.dropout(f.alpha_dropout(x, 0.2), 0.2, training=False)) == []
    assert names(lambda x: torch.dropout(x, 0.2, train=False).relu()) == ["relu"]


@pytest.mark.parametrize(
    "flatten",
    [
        lambda x: x.flatten(1),
        lambda x: torch.flatten(input=x, start_dim=1),
        lambda x: x.reshape(len(x), -1),
        lambda x: x.reshape((-1, 40)),
        lambda x: x.contiguous().view(-1, 40),
    ],
)
def test_a_layer_of_all_positions_is_one_call(flatten):
    assert names(lambda x: f.linear(flatten(x[:, :2]), LAYER))[-1] == "linear_of_all"


def test_rows_of_others_than_windows_are_none():
    layer = torch.rand(3, 20)
    assert names(lambda x: f.linear(x.flatten(0, 1), layer).view(-1, 4, 3))[:2] == [
        "flatten",
        "linear",
    ]
