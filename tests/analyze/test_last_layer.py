"""The weights by task of networks that hold them in one layer, in several, or nowhere."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nucleotides.analyze.last_layer import last_layer
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.mean_probability import MeanProbability
from nucleotides.model.registry import create_model

SMALL = {"channels": [8, 8, 8], "hidden": 5}  # as many features as tasks


class BiasOnly(FunctionalModel):
    """Answers with its bias."""

    made: ClassVar = {"model_class": f"{__name__}.BiasOnly", "model": {}}

    def __init__(self, n_tasks: int, sequence_length: int = 1000) -> None:
        super().__init__(n_tasks, sequence_length)
        self.bias = nn.Parameter(torch.zeros(n_tasks))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (batch, tasks)."""
        return self.bias.expand(len(x), -1)


class TasksLast(BiasOnly):
    """Holds its weights as (features, tasks), and more that grow with the number of tasks."""

    made: ClassVar = {"model_class": f"{__name__}.TasksLast", "model": {}}

    def __init__(self, n_tasks: int, sequence_length: int = 1000) -> None:
        super().__init__(n_tasks, sequence_length)
        self.weight = nn.Parameter(torch.randn(4, n_tasks))
        self.wide = nn.Parameter(torch.randn(2 * n_tasks, 9))


def test_the_last_layer_even_of_as_many_features_as_tasks() -> None:
    model = create_model("deepsea", 5, 1000, SMALL)
    weights, name = last_layer(model, {"model_class": "deepsea", "model": SMALL})
    assert weights is not None
    assert np.array_equal(weights, model.state_dict()[name].numpy())
    assert name == list(model.state_dict())[-2]


def test_the_hyperparameters_of_the_model_do_as_well() -> None:
    model = create_model("deepsea", 5, 1000, SMALL)
    model.save_hyperparameters({"model_class": "deepsea", "model": SMALL})
    assert last_layer(model)[0] is not None


def test_perceptrons_side_by_side() -> None:
    arguments = {"n_motifs": 4, "hidden": 6, "n_heads": 3}
    model = create_model("motifnet", 5, 1000, arguments)
    weights, names = last_layer(model, {"model_class": "motifnet", "model": arguments})
    assert weights is not None
    assert weights.shape == (5, 18)
    assert names.count("weight") == 3
    assert np.array_equal(weights[:, 6:12], model.heads[1][-1].weight.detach().numpy())


def test_tasks_along_another_dimension() -> None:
    model = TasksLast(6)
    weights, name = last_layer(model, model.made)
    assert name == "weight"
    assert weights is not None
    assert np.array_equal(weights, model.weight.detach().numpy().T)


@pytest.mark.parametrize(
    ("model", "made", "reason"),
    [
        (BiasOnly(3), BiasOnly.made, "no weight of the network but biases"),
        (BiasOnly(3), None, "not made by name"),
        (MeanProbability([BiasOnly(3)] * 2), None, "an ensemble"),
    ],
)
def test_where_there_is_none_the_reason(
    model: FunctionalModel, made: dict[str, object] | None, reason: str
) -> None:
    weights, why = last_layer(model, made)
    assert weights is None
    assert reason in why
