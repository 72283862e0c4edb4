"""An evaluator of a network, or none and a line that says why."""

import pytest
import torch

from nucleotides.model.encoding import reverse_complement
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.local import (
    elementwise,
    evaluate,
    open_evaluator,
    open_reader,
    trust_changes,
)
from tests.model.local.oracle import largest_error


class Net(FunctionalModel):
    """Sums a line over a convolution's positive outputs."""

    def __init__(self, forward=None):
        super().__init__(2, 60)
        torch.manual_seed(0)
        self.convolution = torch.nn.Conv1d(4, 8, 5)
        self.layer = torch.nn.Linear(8, 2)
        self._forward = forward

    def forward(self, x):
        h = self.convolution(x).relu().sum(2)
        return self.layer(h) if self._forward is None else self._forward(self, h)


def open_quietly(network, precision=torch.float32):
    with torch.inference_mode():
        return open_evaluator(network.eval(), precision)


@pytest.mark.parametrize("both_strands", [False, True])
def test_follows_a_network(both_strands, capsys):
    network = Net()
    network.both_strands = both_strands
    evaluator = open_quietly(network)
    assert evaluator.n_outputs == 2
    both = lambda x: (network(x) + network(reverse_complement(x))) / 2  # noqa: E731
    function = both if both_strands else network
    assert largest_error(function, 60, evaluator=evaluator) < 1e-5
    assert capsys.readouterr().err == ""


def test_keeps_the_precision_asked_for():
    evaluator = open_quietly(Net(), torch.bfloat16)
    assert evaluator.program.precision == torch.bfloat16
    assert not evaluator.program.prepared


def _fails_for_many(net, h):
    if len(h) == 4:
        raise ZeroDivisionError("4 windows")
    return net.layer(h)


@pytest.mark.parametrize(
    ("forward", "why"),
    [
        (lambda net, h: net.layer(h) if h.max() > 0 else h, "asks what is in a tensor"),
        (lambda net, h: net.layer(torch.dropout(h, 0.5, True)), "draws at random"),
        (lambda net, h: (net.layer(h), h), "something else than a tensor"),
        (lambda net, h: net.layer(h) / 0, "off by nan"),
        (_fails_for_many, "ZeroDivisionError"),
    ],
)
def test_other_networks_have_none_and_are_named(forward, why, capsys):
    assert open_quietly(Net(forward)) is None
    said = capsys.readouterr().err
    assert "Net is read as a whole" in said
    assert why in said


def test_networks_in_training_mode_have_none(capsys):
    network = torch.nn.Module.train(Net(lambda net, h: torch.dropout(h, 0.5, net.training)))
    assert open_evaluator(network) is None
    assert "at random" in capsys.readouterr().err


def test_a_rule_that_is_wrong_is_noticed(monkeypatch, capsys):
    monkeypatch.setitem(evaluate.RULES, "relu", elementwise.keep)
    assert open_quietly(Net()) is None
    assert "off by" in capsys.readouterr().err


def test_who_only_reads_windows_is_not_kept_from_it_by_a_wrong_rule(monkeypatch, capsys):
    monkeypatch.setitem(evaluate.RULES, "relu", elementwise.keep)
    network = Net().eval()
    reader = open_reader(network)
    x = torch.nn.functional.one_hot(torch.randint(4, (5, 60))).transpose(1, 2).float()
    torch.testing.assert_close(reader.outputs(x), network(x).detach())
    assert capsys.readouterr().err == ""


def test_a_reader_does_not_keep_what_changes_ask_for(monkeypatch):
    monkeypatch.setattr(evaluate, "_PROCESSOR", evaluate._PROCESSOR._replace(memory=100_000))
    reader = open_reader(Net().eval())
    before = reader.at_once
    evaluator = trust_changes(reader, Net().eval())
    assert evaluator.at_once < before == reader.at_once
