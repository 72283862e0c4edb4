"""Changes followed through networks equal what the networks make of whole windows."""

import pytest
import torch
from torch import nn
from torch.nn import functional as f

from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.model.local import LocalEvaluator
from nucleotides.model.local.run import Run
from nucleotides.model.registry import MODELS, create_model
from tests.model.local.oracle import largest_error, make_unlike_new, random_codes
from tests.model.local.random_networks import random_network
from tests.model.test_zoo import SHORTEST, SMALL

EXACT = 1e-5
SIZES = {
    **SMALL,
    "deepsea": {"channels": (66, 8, 8), "hidden": 12},
    "motifnet": {"n_motifs": 6, "motif_width": 11, "hidden": 8, "n_heads": 2},
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("odd", [0, 1])
def test_every_network_of_the_zoo(name, odd):
    length = max(SHORTEST.get(name, 0), 400) + odd
    torch.manual_seed(0)
    network = make_unlike_new(create_model(name, 3, length, SIZES[name]))
    assert largest_error(network, length) < EXACT


def test_both_strands():
    network = make_unlike_new(create_model("basset", 3, 401, SIZES["basset"]))
    both = lambda x: (network(x) + network(reverse_complement(x))) / 2  # noqa: E731
    assert largest_error(both, 401) < EXACT


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("length", [41, 53, 64, 100])
def test_random_networks(length):
    """Others than these were tried when the evaluation was written, some thousands."""
    errors = {seed: largest_error(random_network(seed, length), length) for seed in range(60)}
    assert max(errors.values()) < EXACT, errors


def _conv(channels=4, out=6, size=5):
    torch.manual_seed(size)
    return nn.Conv1d(channels, out, size, padding=size // 2).requires_grad_(False)


def _same_weights_twice():
    weight, layer = torch.rand(6, 4, 5), torch.rand(3, 6 * 20)
    one = lambda x: f.conv1d(x, weight, padding=2)  # noqa: E731
    other = lambda x: f.conv1d(x, weight, stride=2, padding=2)[:, :, :20]  # noqa: E731
    image = lambda x: f.conv2d(x[:, :, None], weight[:, :, None])[:, :, 0, :20]  # noqa: E731
    flat = lambda x: f.linear(x.flatten(1), layer)  # noqa: E731
    grouped = lambda x: flat(x.unflatten(1, (2, 3)))  # noqa: E731
    longer = lambda x: flat(x[:, :, :30])  # noqa: E731
    wide = lambda x: flat(one(x)[:, :, :20]) + longer(x)  # noqa: E731
    return lambda x: wide(x) + flat(image(x)) + flat(other(x)) + grouped(other(x))


def _positions_beyond_both_ends_pooled():
    """What a wide change makes of padding, which is less than all there is."""
    conv = _conv(size=9)
    return lambda x: f.max_pool1d(conv(x), 4, 1, 2).flatten(1)


NETWORKS = {
    "the input": lambda x: x,
    "a part of the input": lambda x: x[:, 2, 10:30],
    "one position": lambda x: x[:, :, 0],
    "an output with positions": _conv(),
    "the same weights in many roles": _same_weights_twice(),
    "padding": _positions_beyond_both_ends_pooled(),
    "stride beyond the size": lambda x: f.conv1d(x, torch.ones(5, 4, 2), stride=5).flatten(1),
    "pooling that leaves positions out": lambda x: f.max_pool1d(x, 2, 5).flatten(1),
    "flat, positions first": lambda x: x.mT.flatten(1),
    "channels as many as positions": lambda x: f.pad(x, (0, 0, 0, x.shape[2] - 4)).mT.sum(1),
    "a group of one position": lambda x: x.unflatten(1, (4, 1)).mean(2).flatten(1),
    "of everything, a mean": lambda x: x.mean((1, 2), keepdim=True)[:, 0],
    "a row for each of few positions": lambda x: (
        x[:, :, :2].mT.reshape(x.shape[0], 2, 4).flatten(1)
    ),
    "double precision": (lambda conv: lambda x: conv(x.double()).amax(2))(_conv().double()),
    "double precision in the end": (lambda w: lambda x: x.mean(2).to(w.dtype) @ w)(
        torch.rand(4, 3, dtype=torch.float64)
    ),
    "a constant of double precision": lambda x: (
        (x * torch.linspace(0, 1, 4, dtype=torch.float64)[:, None]).square().sum(2)
    ),
    "half precision": lambda x: (x / 7 + x.shape[2] / 150).to(torch.float16).float().sum(2),
    "windows behind positions": lambda x: x.permute(2, 0, 1).cumsum(0)[-1],
    "windows of a fixed number": lambda x: x.reshape(-1, 2, 2, x.shape[2]).sum((1, 3)),
    "an exponent for each position": lambda x: (x + 1).pow(torch.linspace(1, 2, x.shape[2])).sum(2),
    "a line that falls": lambda x: f.max_pool1d(f.leaky_relu(x, negative_slope=-0.5), 3)[:, 1],
    "dilated pooling": lambda x: f.max_pool1d(x.cos(), 3, 3, 1, 2).sum(2),
    "dilated pooling by torch": lambda x: torch.max_pool1d(x.cos(), 2, 2, 0, 3).sum(2),
    "pooling up to the end": lambda x: f.max_pool1d(x.cos(), 3, ceil_mode=True).flatten(1),
    "means up to the end": lambda x: f.avg_pool1d(x.cos(), 3, 3, 0, True).flatten(1),
    "a maximum of few numbers": lambda x: x.amax(2),
    "a maximum": (lambda conv: lambda x: conv(x).amax(-1))(_conv()),
    "a maximum that keeps its place": (lambda conv: lambda x: x / conv(x).amax((2,), True)[:, :4])(
        nn.Sequential(_conv(), nn.Softplus())
    ),
    "the maximum of a part": (lambda conv: lambda x: conv(x)[:, :, 12:30].amax(dim=2))(_conv()),
    "positions first, their maximum": (lambda conv: lambda x: conv(x).mT.amax([1]))(_conv()),
    "pooled to one": (lambda conv: lambda x: f.adaptive_max_pool1d(conv(x), 1)[:, :, 0])(_conv()),
    "pooled to two": (lambda conv: lambda x: f.adaptive_max_pool1d(conv(x), 2).flatten(1))(_conv()),
    "a maximum of all": (lambda conv: lambda x: conv(x).amax((1, 2))[:, None])(_conv()),
    "maxima of channels": (lambda conv: lambda x: conv(x).amax(1))(_conv()),
    "what is pooled is used": lambda x: (lambda y: f.max_pool1d(y, 3, 1, 1) - y)(f.relu(x)).sum(2),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_unusual_networks(name):
    assert largest_error(NETWORKS[name], 50) < EXACT


@pytest.mark.parametrize("length", [5, 9])
def test_windows_shorter_than_what_they_pass_through(length):
    assert largest_error(_conv(size=5), length, widths=(1, 2, length)) < EXACT


def test_no_changes():
    conv = _conv()
    evaluator = LocalEvaluator(lambda x: f.max_pool1d(conv(x), 2).mean(2), 20)
    reading = evaluator.read(one_hot(random_codes(2, 20)))
    none = torch.zeros(0, dtype=torch.int64)
    assert evaluator.change(reading, none, none, torch.zeros(0, 4, 1)).shape == (0, 6)


def test_what_is_equal_differs_by_nothing_in_any_precision():
    network = make_unlike_new(create_model("deepsea", 3, 400, SIZES["deepsea"]))
    for precision in (torch.float32, torch.bfloat16):
        evaluator = LocalEvaluator(network, 400, precision)
        reading = evaluator.read(one_hot(random_codes(3, 400)))
        rows, first = torch.arange(3), torch.tensor([0, 200, 399])
        assert not evaluator.change(reading, rows, first, torch.zeros(3, 4, 1)).any()


def test_reduced_precision_orders_changes_as_full_precision_does():
    torch.manual_seed(0)
    network = create_model("deepsea", 3, 400, {"channels": (64, 64, 64), "hidden": 32}).eval()
    x, first = one_hot(random_codes(8, 400)), torch.arange(8) * 50 + 3
    delta = (x.flip(1) - x).gather(2, first[:, None, None].expand(-1, 4, 1))
    full, reduced = (
        (evaluator := LocalEvaluator(network, 400, precision)).change(
            evaluator.read(x), torch.arange(8), first, delta
        )
        for precision in (torch.float32, torch.bfloat16)
    )
    pairs = torch.stack([full.flatten(), reduced.flatten()])
    assert float(torch.corrcoef(pairs)[0, 1]) >= 0.995
    assert not torch.equal(full, reduced)


def test_values_are_forgotten_when_nothing_needs_them(monkeypatch):
    """Of a long network that has to be read as a whole there are few values at a time."""
    most = 0
    rerun = Run.rerun

    def counted(self, call):
        nonlocal most
        rerun(self, call)
        most = max(most, len(self.states))

    monkeypatch.setattr(Run, "rerun", counted)

    def network(x):
        for _ in range(20):
            x = x.cumsum(2) / 50
        return x.sum(2)

    assert largest_error(network, 50) < EXACT
    assert 0 < most <= 3
