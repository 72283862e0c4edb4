"""Features of the distance, the relative shift and the attention, each written out slowly."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import gamma

from nucleotides.model.relative_positions import (
    RelativeAttention,
    by_distance,
    relative_features,
)


def features_by_hand(positions, features):
    """Rows by distance, from -(positions - 1) on."""
    n = features // 6
    rows = []
    for distance in range(-positions + 1, positions):
        far = abs(distance)
        row = []
        for i in range(n):
            part = i / (n - 1) if n > 1 else 0
            half_life = 2 ** (3 + (math.log2(positions) - 3) * part)
            row.append(0.5 ** (far / half_life))
        row += [1.0 if far < 2 ** (i + 1) - 1 else 0.0 for i in range(n)]
        for mean in np.linspace(positions / n, positions, n):
            deviation = positions / (2 * n)
            shape, scale = (mean / deviation) ** 2, deviation**2 / mean
            row.append(gamma.pdf(far, shape, scale=scale) + 1e-8)
        rows.append(row)
    table = np.array(rows)
    table[:, 2 * n :] /= table[:, 2 * n :].max()
    signs = np.sign(np.arange(-positions + 1, positions))[:, None]
    return np.concatenate([table, signs * table], 1)


@pytest.mark.parametrize(("positions", "features"), [(40, 24), (7, 6), (64, 192), (1, 12), (2, 18)])
def test_features_are_what_their_formulas_say(positions, features):
    found = relative_features(positions, features)
    assert found.shape == (2 * positions - 1, features)
    tolerance = 1e-4 * positions  # densities are computed in single precision
    np.testing.assert_allclose(found, features_by_hand(positions, features), atol=tolerance)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_columns_by_distance_become_columns_by_position(n):
    x = torch.randn(2, 3, n, 2 * n - 1)
    found = by_distance(x)
    assert found.shape == (2, 3, n, n)
    for i in range(n):
        for j in range(n):
            assert torch.equal(found[..., i, j], x[..., i, (j - i) + (n - 1)])


def test_attention_is_what_its_formula_says():
    torch.manual_seed(0)
    attention = RelativeAttention(24, 2, 5, 0.3, 0.3).eval()
    torch.nn.init.normal_(attention.out.weight)
    x = torch.randn(6, 24)
    features = torch.from_numpy(features_by_hand(6, 12)).float()
    out = torch.zeros(6, 24)
    for head in range(2):
        keys, values = slice(5 * head, 5 * head + 5), slice(12 * head, 12 * head + 12)
        query = x @ attention.query.weight[keys].T / math.sqrt(5)
        key = x @ attention.key.weight[keys].T
        value = x @ attention.value.weight[values].T
        for i in range(6):
            likes = []
            for j in range(6):
                far = attention.distance.weight[keys] @ features[j - i + 5]
                content = (query[i] + attention.likes_content[head, 0]) @ key[j]
                likes.append(content + (query[i] + attention.likes_distance[head, 0]) @ far)
            out[i, values] = torch.stack(likes).softmax(0) @ value
    expected = out @ attention.out.weight.T + attention.out.bias
    torch.testing.assert_close(attention(x[None])[0], expected, atol=1e-4, rtol=1e-4)


def test_attention_adds_nothing_at_first_and_drops_in_training_alone():
    torch.manual_seed(0)
    attention = RelativeAttention(24, 2, 5, 0.3, 0.3)
    x = torch.randn(1, 6, 24)
    assert not attention(x).any()
    torch.nn.init.normal_(attention.out.weight)
    assert not torch.equal(attention(x), attention(x))
    attention.eval()
    assert torch.equal(attention(x), attention(x))
