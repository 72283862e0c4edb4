"""Filters that begin as motifs: which, how scaled, and in which layer."""

import numpy as np
import pytest
import torch
from torch import nn

from nucleotides.errors import InputError
from nucleotides.model.encoding import one_hot
from nucleotides.model.motifs import Motif
from nucleotides.model.start_from_motifs import start_from_motifs

CODES = torch.zeros(1, 40, dtype=torch.uint8)


def motif(word, purity=0.9):
    rows = [[purity if base == letter else (1 - purity) / 3 for base in "ACGT"] for letter in word]
    return Motif(word, np.array(rows))


def network(filters=6, width=9):
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv1d(4, filters, width), nn.ReLU(), nn.AdaptiveMaxPool1d(1))


def response(net, word):
    """Of each filter to a sequence of its width."""
    codes = torch.tensor([["ACGTN".index(base) for base in word]], dtype=torch.uint8)
    layer = net[0]
    return torch.conv1d(one_hot(codes), layer.weight)[0, :, 0].detach()


def test_filters_like_the_motif_on_either_strand_best_and_the_rest_stay():
    net = network()
    before = net[0].weight.detach().clone()
    says = start_from_motifs(net, [motif("GATTACA"), motif("CCGGA")], CODES)
    best = ("AGATTACAA", "AACCGGAAA", "ATGTAATCA", "AATCCGGAA")
    for number, word in enumerate(best):
        top = net[0].weight[number].detach().max(0).values.sum()
        torch.testing.assert_close(response(net, word)[number], top)
    assert torch.equal(net[0].weight[4:], before[4:])
    assert "4 of 6 filters of 0 start from 2 motifs (2 on both strands)" in says


def test_responses_to_random_sequence_are_of_the_usual_size():
    net = network(64)
    codes = torch.from_numpy(np.random.default_rng(0).integers(0, 4, (400, 60), dtype=np.uint8))

    def responses():
        return torch.conv1d(one_hot(codes), net[0].weight).transpose(0, 1).flatten(1).detach()

    usual = responses().std(1).square().mean().sqrt()
    start_from_motifs(net, [motif("GATTACA"), motif("CCGGA", 0.4)], CODES)
    found = responses()[:4]
    torch.testing.assert_close(found.std(1), usual.expand(4), rtol=0.05, atol=0)
    assert found.mean(1).abs().max() < 0.05 * usual
    torch.testing.assert_close(response(net, "N" * 9)[:4], torch.zeros(4), atol=1e-6, rtol=0)


def test_of_a_wide_motif_the_most_informative_part_is_kept():
    net = network(2, 5)
    vague = motif("AAAA", 0.3).probabilities
    wide = Motif("w", np.concatenate([vague, motif("CGTCG").probabilities, vague]))
    start_from_motifs(net, [wide], CODES)
    assert "".join("ACGT"[i] for i in net[0].weight[0].argmax(0)) == "CGTCG"
    assert "".join("ACGT"[i] for i in net[0].weight[1].argmax(0)) == "CGACG"


def test_of_more_motifs_than_filters_the_seed_chooses():
    words = [f"{a}{b}{c}" for a in "ACGT" for b in "ACGT" for c in "ACGT"]

    def chosen(seed):
        net = network(60, 3)
        torch.manual_seed(seed)
        says = start_from_motifs(net, [motif(word) for word in words], CODES)
        assert "60 of 60 filters of 0 start from 60 motifs (0 on both strands)" in says
        return ["".join("ACGT"[i] for i in f.argmax(0)) for f in net[0].weight]

    assert chosen(1) == chosen(1) == sorted(chosen(1))
    assert chosen(1) != chosen(2)
    assert len(set(chosen(1))) == 60


class Backwards(nn.Module):
    """Layers are made in another order than they are passed."""

    def __init__(self):
        super().__init__()
        self.second = nn.Conv1d(4, 4, 3)
        self.first = nn.Conv1d(4, 4, 5)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        assert not self.training
        return self.second(self.first(self.dropout(x)))


def test_the_first_layer_is_the_one_that_is_passed_first():
    net = Backwards()
    before = net.second.weight.clone()
    assert "of first start" in start_from_motifs(net, [motif("ACGT")], CODES)
    assert torch.equal(net.second.weight, before)
    assert net.training
    assert not any(layer._forward_pre_hooks for layer in net.modules())


@pytest.mark.parametrize(
    "first",
    [
        nn.BatchNorm1d(4),
        nn.Conv1d(4, 6, 3, dilation=2),
        nn.Conv1d(4, 8, 3, groups=2),
        nn.Linear(40, 3),
        nn.ReLU(),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_network_that_begins_otherwise_is_refused(first):
    net = nn.Sequential(nn.Dropout(0.1), first)
    with pytest.raises(InputError, match="--init_motifs: Sequential does not begin with"):
        start_from_motifs(net, [motif("ACGT")], CODES)
