"""Convolution in fewer products equals torch's."""

import pytest
import torch
from torch.nn.functional import conv1d

from nucleotides.model.local.karatsuba import convolve_lines, split_taps


@pytest.mark.parametrize("size", range(1, 13))
@pytest.mark.parametrize("levels", [1, 2, 3])
def test_equals_a_convolution(size, levels):
    generator = torch.Generator().manual_seed(size)
    weight, bias = (
        torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((5, 3, size), 5)
    )
    for batch in (1, 3):
        for n in (size, size + 1, size + 2, size + 7, 40, 41):
            x = torch.randn(batch, n, 3, generator=generator, dtype=torch.float64)
            for some in (None, bias):
                out = convolve_lines(x, split_taps(weight, levels), some)
                wanted = conv1d(x.transpose(1, 2), weight, some).transpose(1, 2)
                assert out.isfinite().all()
                assert (out[:, : n - size + 1] - wanted).abs().max() < 1e-12
