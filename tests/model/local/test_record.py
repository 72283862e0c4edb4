"""What is recorded, and what is refused because a recording could not stand for it."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as f

from nucleotides.model.local import LocalEvaluator
from nucleotides.model.local.tape import UnrecordableError
from tests.model.local.oracle import largest_error

LENGTH = 20


def _writes_out(x):
    out = torch.empty_like(x)
    torch.mul(x, 2, out=out)
    return out.sum(2)


def _writes_into_a_view(x):
    y = x * 2
    y[:, 0].mul_(3)
    return y.sum(2)


def _writes_behind_a_view(x):
    y = x * 2
    first = y[:, :1]
    y += 1
    return (y * first).sum(2)


def _writes_a_part(x):
    y = torch.zeros_like(x)
    y[:, :2] = x[:, 2:]
    return y.sum(2)


class _Counts(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(4))

    def forward(self, x):
        self.seen += 1
        return x.sum(2) + self.seen / 1e5


class _Pads(torch.autograd.Function):
    @staticmethod
    def forward(_, x):
        return torch.from_numpy(np.pad(x.numpy(), ((0, 0), (0, 0), (1, 1))))


REFUSED = {
    "a branch": (lambda x: x.sum(2) if x.mean() > 0 else x.mean(2), "asks what is in"),
    "a number": (lambda x: x.sum(2) * x.mean().item(), "asks what is in"),
    "a float": (lambda x: x.sum(2) * float(x.mean()), "asks what is in"),
    "a list": (lambda x: x.sum(2) + math.fsum(x[0, 0].tolist()), "asks what is in"),
    "numpy": (lambda x: torch.from_numpy(x.numpy()).sum(2), "asks what is in"),
    "numpy in a function of one's own": (lambda x: _Pads.apply(x).sum(2), "asks what is in"),
    "an assertion": (lambda x: [torch._assert(x.sum() > 0, ""), x.sum(2)][1], "asks what is in"),
    "equality": (lambda x: x.sum(2) * torch.equal(x, x), "asks what is in"),
    "dropout": (lambda x: f.dropout(x, 0.5, training=True).sum(2), "at random"),
    "dropout in its other spelling": (lambda x: torch.dropout(x, 0.5, True).sum(2), "at random"),
    "noise": (lambda x: (x + torch.randn_like(x) / 1e6).sum(2), "at random"),
    "noise for all windows": (lambda x: (x + torch.rand(LENGTH) / 1e6).sum(2), "at random"),
    "numpy's noise": (lambda x: x.sum(2) * np.random.rand(), "depends* on"),
    "training": (nn.Sequential(nn.BatchNorm1d(4), nn.Flatten()), "depends on the others|keeps"),
    "batch statistics": (
        nn.Sequential(nn.BatchNorm1d(4, track_running_stats=False), nn.Flatten()),
        "depends on the others",
    ),
    "a mean over windows": (lambda x: x.sum(2) - x.sum(2).mean(0), "depends on the others"),
    "the place in the batch": (lambda x: x.sum(2) * torch.arange(len(x))[:, None], "depends on"),
    "half the batch": (lambda x: x.sum(2) * (len(x) // 2), "depends* on"),
    "a third of the batch": (lambda x: x.sum(2) + torch.ones(len(x) // 3).sum(), "depends* on"),
    "out=": (_writes_out, "writes into"),
    "a view": (_writes_into_a_view, "another view"),
    "behind a view": (_writes_behind_a_view, "another view"),
    "a part": (_writes_a_part, "writes into|asks what is in"),
    "copy_": (lambda x: torch.zeros_like(x).copy_(x).sum(2), "writes into"),
    "zero_": (lambda x: (x * 2).zero_().sum(2), "writes into"),
    "a buffer": (_Counts(), "that it keeps"),
    "two outputs": (lambda x: (x.sum(2), x.mean(2)), "something else than a tensor"),
    "a constant": (lambda x: torch.ones(4), "not made of its input"),
    "a constant for each window": (lambda x: torch.ones(len(x), 4), "not made of its input"),
    "memory": (lambda x: x.as_strided((len(x), 4), (4 * LENGTH, LENGTH)), "laid out"),
    "one row for all": (lambda x: x.sum((0, 2)), "not one row a window"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_repeated_is_refused(name):
    function, why = REFUSED[name]
    state = torch.random.get_rng_state()
    with pytest.raises(UnrecordableError, match=why):
        LocalEvaluator(function, LENGTH)
    assert torch.equal(state, torch.random.get_rng_state())


def test_mixed_precision_is_refused():
    with torch.autocast("cpu", torch.bfloat16), pytest.raises(UnrecordableError, match="mixed"):
        LocalEvaluator(lambda x: x.sum(2), LENGTH)


def _own_autocast(x):
    with torch.autocast("cpu", torch.bfloat16):
        return f.conv1d(x, torch.full((3, 4, 3), 0.3)).float().sum(2)


def test_a_network_that_mixes_precision_by_itself_is_refused():
    with pytest.raises(UnrecordableError, match="mixed precision"):
        LocalEvaluator(_own_autocast, LENGTH)


def _positions_by_parts(x):
    places = torch.zeros(LENGTH, 4)
    places[:, 0::2] = torch.sin(torch.arange(LENGTH))[:, None]
    places[:, 1::2] = torch.cos(torch.arange(LENGTH))[:, None]
    return ((x.mT + places) ** 2).sum(1)


def _counter(x):
    factor = torch.ones(1)
    one = x * factor
    factor += 1
    return (one + x * factor).sum(2)


def _in_place(x):
    x *= 2
    x = x.view(len(x), 2, 2, -1)
    x += 1
    x **= 2
    x //= 0.3
    y = x.flatten(1, 2)
    y.unsqueeze_(1).squeeze_(1).transpose_(1, 2)
    return y.relu_().mul_(0.5).sum(1)


class _Cached(nn.Module):
    def forward(self, x):
        if not hasattr(self, "places"):
            self.places = torch.linspace(0, 1, x.shape[2])
        return (x * self.places).sum(2)


RECORDED = {
    "positions by parts": _positions_by_parts,
    "a constant that changes": _counter,
    "in place": _in_place,
    "kept from the first call": _Cached(),
    "a function of one's own": lambda x: _Squares.apply(x).sum(2),
    "what is printed": lambda x: [f"{x.shape} {x.dtype} {x.mean():.3f}", x.sum(2)][1],
    "a matrix of all windows": lambda x: torch.ones(len(x), 1) * x.sum(2),
    "rows of all windows": lambda x: x[torch.arange(x.shape[0]), :, 3],
}


class _Squares(torch.autograd.Function):
    @staticmethod
    def forward(_, x):
        return x.square() + 0.5 * x


@pytest.mark.parametrize("name", RECORDED)
def test_what_can_be_repeated(name):
    function = RECORDED[name]
    assert largest_error(function, LENGTH) < 1e-5


def test_a_constant_is_made_once():
    evaluator = LocalEvaluator(_positions_by_parts, LENGTH)
    assert [call.name for call in evaluator.program.calls] == ["get", "add", "pow", "sum"]
