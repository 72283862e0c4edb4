"""Codes to one-hot in torch, against the numpy one."""

import numpy as np
import pytest
import torch

from nucleotides.genome import alphabet
from nucleotides.model.encoding import one_hot, reverse_complement


def test_one_hot_equals_numpys():
    codes = np.random.default_rng(0).integers(0, 5, (7, 31)).astype(np.uint8)
    np.testing.assert_array_equal(one_hot(torch.from_numpy(codes)), alphabet.one_hot(codes))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_one_hot_is_exact_in_any_type(dtype: torch.dtype):
    codes = torch.arange(5, dtype=torch.uint8).repeat(2, 3)
    found = one_hot(codes, dtype)
    assert found.dtype == dtype
    assert torch.equal(found.float(), one_hot(codes))
    assert torch.equal(one_hot(codes.long(), dtype), found)


def test_reverse_complement_of_one_hot_is_one_hot_of_reverse_complement():
    codes = np.random.default_rng(1).integers(0, 5, (7, 31)).astype(np.uint8)
    other = np.ascontiguousarray(alphabet.reverse_complement(codes))
    ours = reverse_complement(one_hot(torch.from_numpy(codes)))
    assert torch.equal(ours, one_hot(torch.from_numpy(other)))
