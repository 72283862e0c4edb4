"""The middle of a window."""

import pytest
import torch

from nucleotides.model.centre import central_positions, crop


@pytest.mark.parametrize(
    ("positions", "bases_each", "bases", "expected"),
    [
        (125, 8, 200, 25),
        (62, 16, 200, 14),
        (63, 16, 200, 13),
        (7, 128, 200, 3),
        (8, 128, 200, 2),
        (1536, 128, 114_688, 896),
        (3, 8, 200, 3),
        (4, 8, 0, 2),
        (5, 8, 0, 1),
    ],
)
def test_as_many_as_cover_the_bases_and_lie_in_the_middle(positions, bases_each, bases, expected):
    found = central_positions(positions, bases_each, bases)
    assert found == expected
    places = crop(torch.arange(positions)[None, :, None], found)
    assert places.flatten().tolist() == [positions - 1 - i for i in places.flatten().flip(0)]
