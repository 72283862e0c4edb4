"""Windows that are followed from others, whatever their number and wherever they differ."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import relu

from nucleotides.model.encoding import one_hot
from nucleotides.model.local import LocalEvaluator, follow_windows
from nucleotides.model.local.windows import spans

LENGTH = 90


def network(length=LENGTH):
    torch.manual_seed(1)
    conv, layer = nn.Conv1d(4, 8, 7, padding=3), nn.Linear(8 * length, 3)
    return lambda x: layer(relu(conv(x)).flatten(1))


def some_windows(length, widths, seed=0):
    """Four windows, each its own base; and others that differ over so many bases from one."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 5, (4 + 3 * len(widths), length)).astype(np.uint8)
    base = np.arange(len(codes))
    for i, width in enumerate(widths):
        for j, at in enumerate((0, length - width, int(rng.integers(length - width + 1)))):
            row = 4 + 3 * i + j
            base[row] = rng.integers(4)
            codes[row] = codes[base[row]]
            ends = list({at, at + width - 1})
            inside = rng.random(width) < 0.5
            codes[row, at : at + width][inside] = 4
            codes[row, ends] = (codes[base[row], ends] + 1) % 5
    order = rng.permutation(len(codes))
    return codes[order], np.argsort(order)[base[order]]


def read_whole(function, codes, base):
    with torch.inference_mode():
        z = function(one_hot(torch.from_numpy(codes))).double().numpy()
    return z[base], z - z[base]


@pytest.mark.parametrize("at_once", [1, 7, 64])
@pytest.mark.parametrize(
    ("length", "widths"),
    [(LENGTH, (*range(1, 67), 80, 90)), (12, (1, 2, 5, 11, 12)), (1, (1,)), (65, (63, 64, 65))],
)
def test_equals_whole_windows(length, widths, at_once):
    function = network(length)
    codes, base = some_windows(length, widths)
    found = follow_windows(LocalEvaluator(function, length), codes, base, at_once=at_once)
    for some, wanted in zip(found, read_whole(function, codes, base), strict=True):
        assert some.dtype == np.float64
        assert np.abs(some - wanted).max() < 1e-5


def test_many_changes_of_one_window():
    function = network()
    codes = np.repeat(np.zeros((1, LENGTH), np.uint8), 1 + 3 * LENGTH, axis=0)
    codes[np.arange(1, len(codes)), np.repeat(np.arange(LENGTH), 3)] = np.tile([1, 2, 3], LENGTH)
    base = np.zeros(len(codes), int)
    found = follow_windows(
        LocalEvaluator(function, LENGTH), np.tile(codes, (3, 1)), np.tile(base, 3)
    )
    wanted = read_whole(function, codes, base)
    assert np.abs(found[1] - np.tile(wanted[1], (3, 1))).max() < 1e-5


@pytest.mark.parametrize("n", [0, 1])
def test_few(n):
    function = network()
    codes, base = np.full((n, LENGTH), 2, np.uint8), np.arange(n)
    outputs, change = follow_windows(LocalEvaluator(function, LENGTH), codes, base)
    assert outputs.shape == change.shape == (n, 3)
    assert np.allclose(outputs, read_whole(function, codes, base)[0], atol=1e-5)
    assert not change.any()


def test_equal_windows_differ_by_nothing():
    codes = np.full((3, LENGTH), 1, np.uint8)
    _, change = follow_windows(LocalEvaluator(network(), LENGTH), codes, np.zeros(3, int))
    assert not change.any()


def test_spans_are_those_of_plain_comparison():
    rng = np.random.default_rng(0)
    codes, others = rng.integers(0, 2, (2, 200, 6)).astype(np.uint8)
    first, width = spans(codes, others)
    for i, (one, other) in enumerate(zip(codes, others, strict=True)):
        differs = [j for j in range(6) if one[j] != other[j]]
        assert width[i] == (differs[-1] - differs[0] + 1 if differs else 0)
        assert not differs or first[i] == differs[0]
