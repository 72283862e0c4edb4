"""Enformer: its trunk layer by layer, its pooling, what its head sees."""

import pytest
import torch

from nucleotides.errors import InputError
from nucleotides.model.enformer import AttentionPool, Enformer, EnformerTrunk

SMALL = {"channels": 24, "depth": 2, "heads": 2, "stages": 4}


def size(module):
    return sum(p.numel() for p in module.parameters())


def trunk_by_layers():
    """Layers of enformer/enformer.py in google-deepmind/deepmind-research (commit 08ed214).

    No bias in queries, keys, values, distances and pooling.
    """

    def block(before, after, kernel):  # batch normalisation, convolution
        return 2 * before + before * after * kernel + after

    widths = [768, 896, 1024, 1152, 1280, 1536]
    stem = 4 * 768 * 15 + 768 + block(768, 768, 1) + 768**2
    tower = sum(
        block(before, after, 5) + block(after, after, 1) + after**2
        for before, after in zip([768, *widths], widths, strict=False)
    )
    keys, values = 8 * 64, 8 * 192
    projections = 2 * 1536 * keys + 1536 * values + 192 * keys + values * 1536 + 1536
    attention = 2 * 1536 + projections + 2 * keys
    feed_forward = 2 * 1536 + 1536 * 3072 + 3072 + 3072 * 1536 + 1536
    return stem + tower + 11 * (attention + feed_forward) + block(1536, 3072, 1)


def test_the_trunk_has_the_published_number_of_parameters():
    """Also 246.18 M with the human head and a fifth letter, the table of MultiMolecule's docs."""
    with torch.device("meta"):
        trunk = EnformerTrunk()
        model = Enformer(5313, 196_608)
    assert size(trunk) == size(model.trunk) == trunk_by_layers() == 229_845_504
    assert round((size(model) + 768 * 15) / 1e6, 2) == 246.18


def test_the_published_trunk_keeps_896_of_1536_bins():
    trunk = EnformerTrunk(channels=24, depth=0, heads=2).eval()
    assert trunk.tower(torch.rand(1, 4, 196_608)).shape == (1, 24, 1536)
    assert trunk(torch.rand(1, 4, 196_608)).shape == (1, 896, 48)


def test_pooling_is_a_mean_weighted_by_the_softmax_of_a_linear_layer():
    torch.manual_seed(0)
    pool = AttentionPool(3)
    x = torch.randn(1, 3, 7)
    assert torch.equal(pool.weigh.weight, 2 * torch.eye(3))
    torch.nn.init.normal_(pool.weigh.weight)
    weights = pool.weigh.weight @ x[0]
    for place in range(3):
        pair = slice(2 * place, 2 * place + 2)
        expected = (x[0, :, pair] * weights[:, pair].softmax(1)).sum(1)
        torch.testing.assert_close(pool(x)[0, :, place], expected)
    assert pool(x).shape == (1, 3, 3)


def test_the_head_is_a_linear_layer_on_each_central_bin_averaged():
    torch.manual_seed(0)
    model = Enformer(3, 1000, **SMALL).eval()
    x = torch.rand(2, 4, 1000)
    assert model.trunk.bins == 14  # of 62, as many on either side, for 200 bp of 16
    model.trunk.bins = 62
    every = model.head(model.trunk(x))
    model.trunk.bins = 14
    torch.testing.assert_close(model(x), every[:, 24:38].mean(1))


def test_far_bases_count_by_attention():
    torch.manual_seed(0)
    model = Enformer(3, 1000, **SMALL).eval()
    x = torch.rand(1, 4, 1000)
    other = x.clone()
    other[:, :, :16] = other[:, :, :16].flip(1)
    torch.testing.assert_close(model(x), model(other))  # attention begins as nothing
    for layer in model.trunk.transformer:
        torch.nn.init.normal_(layer[0].layers[1].out.weight)
    assert not torch.allclose(model(x), model(other), atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"stages": 1}, r"--model\.stages 1"),
        ({"channels": 21, "heads": 3}, r"--model\.channels 21: give an even multiple"),
        ({"channels": 24, "heads": 5}, r"--model\.channels 24: .* --model\.heads 5"),
    ],
)
def test_widths_that_cannot_be_are_refused(arguments, says):
    with pytest.raises(InputError, match=says):
        Enformer(3, 1000, **{**SMALL, **arguments})
