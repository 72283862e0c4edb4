"""Mutagenesis of some positions is a part of that of all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from nucleotides.errors import InputError
from nucleotides.explain import saturation_mutagenesis
from nucleotides.predict import Model
from tests.model.test_registry import Own

LENGTH = 50


@pytest.fixture(scope="module")
def model() -> Model:
    torch.manual_seed(0)
    return Model(Own(3, LENGTH).eval(), pd.DataFrame({"task": ["a", "b", "c"]}), step=20)


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 5, (3, LENGTH)).astype(np.uint8)


@pytest.mark.parametrize("positions", [(0, 1), (7, 31), (0, LENGTH), (LENGTH - 1, LENGTH)])
def test_some_positions_are_a_part_of_all(
    model: Model, codes: np.ndarray, positions: tuple[int, int]
) -> None:
    whole = saturation_mutagenesis(model, codes, ["b"])
    some = saturation_mutagenesis(model, codes, ["b"], positions=positions)
    assert some.shape == (3, 1, 4, positions[1] - positions[0])
    assert np.allclose(some, whole[..., slice(*positions)], atol=1e-6)
    assert np.abs(whole).max() > 1e-3


@pytest.mark.parametrize("positions", [(-1, 5), (5, 5), (6, 5), (0, LENGTH + 1)])
def test_positions_beyond_a_window_are_refused(
    model: Model, codes: np.ndarray, positions: tuple[int, int]
) -> None:
    with pytest.raises(InputError, match="not within a window of 50 bases"):
        saturation_mutagenesis(model, codes, positions=positions)
