"""The weights that tell a network's tasks apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.model.heads import task_dimensions
from nucleotides.model.network import Network


def last_layer(
    model: Network, made: Mapping[str, Any] | None = None
) -> tuple[NDArray[np.float32] | None, str]:
    """Weights of each task (tasks, features), and which they are; or None, and why.

    The largest weight with a task dimension; several of that size, such as those of MotifNet's
    perceptrons, are put side by side, since their mean is that of one layer over all features.

    Args:
        model: the network.
        made: "model_class" and "model", as a bundle's facts or a checkpoint's hyperparameters
            have them; by default the model's own.
    """
    made = getattr(model, "hparams", {}) if made is None else made
    if "model_class" not in made:
        return None, "the network was not made by name (an ensemble, say), so no weight is known"
    state = model.state_dict()
    by_task = {
        name: state[name].movedim(dimension, 0).flatten(1)
        for name, dimension in task_dimensions(model, made).items()
        if state[name].ndim > 1 and state[name].shape[dimension] == model.n_tasks
    }
    if not by_task:
        return None, "no weight of the network but biases has an entry a task"
    most = max(values.numel() for values in by_task.values())
    names = [name for name, values in by_task.items() if values.numel() == most]
    weights = torch.cat([by_task[name] for name in names], 1)
    return weights.float().cpu().numpy(), ", ".join(names)
