"""Which weights belong to tasks."""

from __future__ import annotations

import torch

from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.registry import create_model


def task_dimensions(model: FunctionalModel) -> dict[str, int]:
    """The weights with an entry a task, by name, and the dimension along which tasks lie.

    Found by what changes shape when the model is made for one task more; the rest is the trunk.

    Raises:
        InputError: see `create_model`.
    """
    chosen = model.hparams
    arguments = (model.sequence_length, dict(chosen["model"]))
    with torch.random.fork_rng(), torch.device("meta"):
        larger = create_model(chosen["model_class"], model.n_tasks + 1, *arguments).state_dict()
    return {
        name: next(i for i, n in enumerate(values.shape) if n != larger[name].shape[i])
        for name, values in model.state_dict().items()
        if name in larger and values.shape != larger[name].shape
    }
