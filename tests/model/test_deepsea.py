"""DeepSEA: its published size, and the lengths it takes."""

import pytest
import torch

from nucleotides.errors import InputError
from nucleotides.model.deepsea import DeepSEA


def test_has_the_published_number_of_parameters():
    with torch.device("meta"):
        model = DeepSEA(n_tasks=919)
    assert sum(p.numel() for p in model.parameters()) == 52_843_119


@pytest.mark.parametrize("length", [1000, 600, 163])
def test_maps_windows_to_tasks(length):
    model = DeepSEA(n_tasks=3, sequence_length=length, channels=(8, 8, 8), hidden=5)
    assert model(torch.rand(2, 4, length)).shape == (2, 3)


def test_a_sequence_too_short_is_refused_with_the_shortest_that_does():
    with pytest.raises(InputError, match="the shortest that does is 163"):
        DeepSEA(n_tasks=3, sequence_length=162)
    DeepSEA(n_tasks=3, sequence_length=163, channels=(4, 4, 4))
