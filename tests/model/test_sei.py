"""Sei: its size layer by layer, its paths written out, its splines against SciPy's."""

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline
from torch.nn.functional import conv1d, max_pool1d, relu

from nucleotides.errors import InputError
from nucleotides.model.sei import Sei
from nucleotides.model.splines import b_spline_basis


def weights(before, after, kernel=1):
    return before * after * kernel + after


def test_the_parameters_are_those_of_the_published_layers():
    """Kernels and channels of model/sei.py in FunctionLab/sei-framework (commit b220c46)."""
    blocks = sum(
        weights(a, b, 9) + 3 * weights(b, b, 9) for a, b in ((4, 480), (480, 640), (640, 960))
    )
    dilated = 5 * weights(960, 960, 5)
    classifier = weights(960 * 16, 21907) + weights(21907, 21907)
    assert blocks + dilated + classifier == 889_979_983
    with torch.device("meta"):
        model = Sei(21907)
    assert sum(p.numel() for p in model.parameters()) == 889_979_983


def test_the_paths_join_where_the_published_ones_do():
    torch.manual_seed(0)
    model = Sei(3, 300, channels=(5, 6, 7), splines=5, hidden=8).eval()
    x = torch.rand(2, 4, 300)
    given = iter(model.parameters())

    def convolve(x, dilation=1):
        weight, bias = next(given), next(given)
        return conv1d(x, weight, bias, padding=weight.shape[2] // 2 * dilation, dilation=dilation)

    total = x
    for pool in (1, 4, 4):
        linear = convolve(convolve(max_pool1d(total, pool)))
        nonlinear = relu(convolve(relu(convolve(linear))))
        total = linear + nonlinear
    out = nonlinear + relu(convolve(total, 2))
    for dilation in (4, 8, 16, 25):
        out = out + relu(convolve(out, dilation))
    smooth = torch.einsum("bcn,ns->bcs", out, torch.from_numpy(b_spline_basis(18, 5)))
    hidden = relu(smooth.flatten(1) @ next(given).T + next(given))
    torch.testing.assert_close(model(x), hidden @ next(given).T + next(given))


@pytest.mark.parametrize(("positions", "splines"), [(256, 16), (62, 16), (16, 16), (9, 4)])
def test_splines_are_those_of_scipy(positions, splines):
    ends = [0.0] * 3, [positions - 1.0] * 3
    knots = np.concatenate([ends[0], np.linspace(0, positions - 1, splines - 2), ends[1]])
    expected = BSpline.design_matrix(np.arange(positions, dtype=float), knots, 3).toarray()
    np.testing.assert_allclose(b_spline_basis(positions, splines), expected, atol=1e-6)


def test_too_few_splines_are_refused():
    with pytest.raises(InputError, match=r"--model\.splines 3"):
        Sei(3, 300, splines=3)
