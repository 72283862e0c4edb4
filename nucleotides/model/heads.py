"""Which weights belong to tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from nucleotides.model.network import Network
from nucleotides.model.registry import create_network


def task_dimensions(model: Network, made: Mapping[str, Any] | None = None) -> dict[str, int]:
    """The weights with an entry a task, by name, and the dimension along which tasks lie.

    Found by what changes shape when the model is made for one task more; the rest is the trunk.

    Args:
        model: the model.
        made: its "model_class" and "model"; by default from the hyperparameters saved with it.

    Raises:
        InputError: see `create_model`.
    """
    chosen: Mapping[str, Any] = getattr(model, "hparams", {}) if made is None else made
    arguments = (model.sequence_length, dict(chosen["model"]))
    with torch.random.fork_rng(), torch.device("meta"):
        larger = create_network(chosen["model_class"], model.n_tasks + 1, *arguments).state_dict()
    return {
        name: next(i for i, n in enumerate(values.shape) if n != larger[name].shape[i])
        for name, values in model.state_dict().items()
        if name in larger and values.shape != larger[name].shape
    }


def start_at_prior(model: Network, prior: torch.Tensor) -> None:
    """Let a new model answer with the tasks' prior probabilities, as far as its biases decide.

    Sets what `task_dimensions` finds and is called bias (Lin et al. 2017, 10.1109/ICCV.2017.324,
    section 3.3); of a model without such, nothing.

    Args:
        model: with its hyperparameters saved.
        prior: (tasks,) probabilities, between 0 and 1.
    """
    parameters = dict(model.named_parameters())
    for name in task_dimensions(model):
        if name.rpartition(".")[2] == "bias" and parameters[name].shape == prior.shape:
            parameters[name].data.copy_(prior.clamp(1e-4, 1 - 1e-4).logit())
