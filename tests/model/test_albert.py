"""ALBERT: one layer, passed many times; its attention and its rotations written out."""

import math

import pytest
import torch
from torch.nn.functional import gelu, layer_norm

from nucleotides.errors import InputError
from nucleotides.model.albert import ALBERT
from nucleotides.model.rotary import rotate

SMALL = {"filters": 6, "embedding": 5, "hidden": 12, "heads": 3, "centre": 16}


def size(module):
    return sum(p.numel() for p in module.parameters())


def test_layer_and_embedding_are_of_albert_bases_size():
    """11,683,584 in all: 3,906,048 in words, places and types, 590,592 in the pooler, and these."""
    with torch.device("meta"):
        model = ALBERT(1, hidden=768, heads=12)
    assert size(model.layer) == 7_087_872
    assert size(model.embedding[-1]) == 99_072
    assert 3_906_048 + 99_072 + 7_087_872 + 590_592 == 11_683_584


def test_more_layers_are_no_more_parameters_but_another_network():
    x, models = torch.rand(2, 4, 200), []
    for depth in (1, 4):
        torch.manual_seed(0)
        models.append(ALBERT(3, 200, depth=depth, **SMALL).eval())
    assert size(models[0]) == size(models[1])
    assert not torch.allclose(models[0](x), models[1](x), atol=1e-3)


def test_a_layer_is_what_its_formula_says():
    torch.manual_seed(0)
    layer, x = ALBERT(3, 200, **SMALL).eval().layer, torch.randn(7, 12)
    weight, bias = layer.projections.weight, layer.projections.bias
    normed = layer_norm(x, (12,))
    out = torch.zeros(7, 12)
    for head in range(3):
        rows = [slice(12 * part + 4 * head, 12 * part + 4 * head + 4) for part in range(3)]
        query, key, value = (normed @ weight[row].T + bias[row] for row in rows)
        for i in range(7):
            likes = [turn(query[i], i) @ turn(key[j], j) / math.sqrt(4) for j in range(7)]
            out[i, 4 * head : 4 * head + 4] = torch.stack(likes).softmax(0) @ value
    x_after = x + layer.attended(out)
    wide = gelu(layer.feed_forward[1](layer_norm(x_after, (12,))))
    expected = x_after + layer.feed_forward[3](wide)
    torch.testing.assert_close(layer(x[None])[0], expected)


def test_the_head_sees_the_centre_beside_the_whole():
    torch.manual_seed(0)
    model = ALBERT(3, 200, depth=2, **SMALL).eval()
    tokens = []
    model.norm.register_forward_hook(lambda *seen: tokens.append(seen[2]))
    logits = model(torch.rand(2, 4, 200))
    centre = tokens[0][:, 11:14].mean(1)  # 3 of 25 tokens of 8 bases, for 16
    seen = torch.cat([centre, tokens[0].mean(1)], 1)
    torch.testing.assert_close(logits, model.head(seen))


def turn(vector, place):
    """Feature i with feature i + n / 2 as a complex number, turned."""
    half = len(vector) // 2
    pairs = torch.complex(vector[:half], vector[half:])
    angles = torch.tensor([place / 10_000 ** (2 * i / len(vector)) for i in range(half)])
    turned = pairs * torch.polar(torch.ones(half), angles)
    return torch.cat([turned.real, turned.imag])


def test_rotations_are_those_of_complex_numbers():
    x = torch.randn(9, 6)
    expected = torch.stack([turn(row, place) for place, row in enumerate(x)])
    torch.testing.assert_close(rotate(x), expected)


def test_products_of_rotated_vectors_depend_on_their_distance_alone():
    query, key = torch.randn(2, 8, dtype=torch.float64)
    products = rotate(query.expand(30, 8)) @ rotate(key.expand(30, 8)).T
    for distance in range(-29, 30):
        along = products.diagonal(distance)
        torch.testing.assert_close(along, along[:1].expand(len(along)), atol=1e-5, rtol=0)


@pytest.mark.parametrize(("heads", "multiple"), [(5, 10), (4, 8)])
def test_a_width_that_heads_cannot_share_evenly_is_refused(heads, multiple):
    with pytest.raises(InputError, match=rf"--model\.hidden 12: give a multiple of {multiple}"):
        ALBERT(3, 200, hidden=12, heads=heads)
