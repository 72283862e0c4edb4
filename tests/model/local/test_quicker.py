"""Convolution and pooling in other layouts equal torch's."""

from itertools import product

import pytest
import torch
from torch.nn.functional import conv1d, max_pool1d

from nucleotides.model.local import quicker
from nucleotides.model.local.program import Program, Value

PADDINGS = 0, 1, "same", "valid"


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("channels", [7, 64])
@pytest.mark.parametrize("length", [1, 2, 9, 140])
def test_convolutions(channels, length):
    torch.manual_seed(0)
    x, bias = torch.randn(3, channels, length), torch.randn(channels)
    for size, stride, padding, gap in product((1, 2, 3, 8), (1, 2), PADDINGS, (1, 4)):
        room = {"same": (size - 1) * gap, "valid": 0}.get(padding, 2 * int(padding == 1))
        if length + room < (size - 1) * gap + 1 or (padding == "same" and stride > 1):
            continue
        for groups, some in ((1, bias), (channels, None)):
            weight = torch.randn(channels, channels // groups, size)
            args = weight, some, stride, padding, gap, groups
            found = quicker.convolve(Program([], [], Value(0)), x, *args)
            wanted = conv1d(x, *args)
            assert found.shape == wanted.shape
            assert (found - wanted).abs().max() < 1e-4, args[2:]


@pytest.mark.parametrize("length", [5, 12])
def test_pooling(length):
    x = torch.randn(3, 4, length)
    for size, stride, padding, gap, up in product((1, 3), (None, 1, 3), (0, 1), (1, 2), (0, 1)):
        if padding <= size // 2:
            args = size, stride, padding, gap, bool(up)
            found = quicker.pool(Program([], [], Value(0)), x, *args)
            assert torch.equal(found, max_pool1d(x, *args)), args


def test_gaps_between_no_taps_do_not_crash():
    """What oneDNN does with a dilated filter of one tap ended the process."""
    x, weight, bias = torch.randn(3, 1, 7).mT, torch.randn(3, 7, 1), torch.randn(3)
    with torch.inference_mode():
        found = quicker.convolve(Program([], [], Value(0)), x, weight, bias, 2, 1, 4)
    assert (found - conv1d(x, weight, bias, 2, 1)).abs().max() < 1e-5
