"""Start from the weights of another model, whose tasks may be others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from nucleotides.bundle import read_weights
from nucleotides.errors import MismatchError
from nucleotides.model.checkpoint import read_checkpoint
from nucleotides.model.heads import task_dimensions
from nucleotides.model.network import Network


@dataclass(frozen=True)
class Taken:
    """What was taken over.

    Attributes:
        tensors: of the trunk, whole.
        of_tensors: that the model has in its trunk.
        tasks: rows of the last layer.
        of_tasks: that the model has.
    """

    tensors: int
    of_tensors: int
    tasks: int
    of_tasks: int

    def __str__(self) -> str:
        return (
            f"{self.tensors} of {self.of_tensors} tensors of the trunk, "
            f"{self.tasks} of {self.of_tasks} tasks"
        )


def warm_start(model: Network, tasks: list[str], path: str | Path) -> Taken:
    """Copy what fits from a checkpoint or a bundle.

    Args:
        model: with its hyperparameters saved; changed in place.
        tasks: names of its outputs.
        path: a checkpoint, or the folder of a bundle.

    Raises:
        InputError: there is neither at `path`.
        MismatchError: nothing of the trunk fits; the message names what differs.
        StoreError: a damaged bundle.
    """
    theirs, known = _read(Path(path))
    heads = task_dimensions(model)
    ours = model.state_dict()
    trunk = [name for name in ours if name not in heads]
    fitting = [n for n in trunk if n in theirs and theirs[n].shape == ours[n].shape]
    if not any(ours[name].ndim for name in fitting):  # a lone count fits anything
        raise MismatchError(f"--init_from {path}: nothing fits: {_difference(trunk, ours, theirs)}")
    for name in fitting:
        ours[name].copy_(theirs[name])
    row = {task: i for i, task in enumerate(known)}
    kept = [(i, row[task]) for i, task in enumerate(tasks) if task in row]
    here, there = (torch.tensor([pair[k] for pair in kept], dtype=torch.long) for k in (0, 1))
    whole = all(_rows_fit(name, dim, ours, theirs) for name, dim in heads.items())
    if kept and whole:
        for name, dim in heads.items():
            ours[name].index_copy_(dim, here, theirs[name].index_select(dim, there))
    return Taken(len(fitting), len(trunk), len(kept) if whole else 0, len(tasks))


def _read(path: Path) -> tuple[dict[str, Tensor], list[str]]:
    """Weights by name, and tasks; the class that they are of is not asked for."""
    if path.is_dir():
        return read_weights(path)
    chosen, weights = read_checkpoint(path)
    return weights, chosen["tasks"]


def _rows_fit(name: str, dim: int, ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> bool:
    """Whether a tensor of the last layer differs in the number of tasks at most."""
    if name not in theirs or theirs[name].ndim != ours[name].ndim:
        return False
    sizes = zip(ours[name].shape, theirs[name].shape, strict=True)
    return all(a == b for i, (a, b) in enumerate(sizes) if i != dim)


def _difference(trunk: list[str], ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> str:
    shared = [name for name in trunk if name in theirs]
    if not shared:
        return f"it has {', '.join(list(theirs)[:3])}, ...; this model {', '.join(trunk[:3])}, ..."
    told = [f"{n} is {tuple(theirs[n].shape)}, not {tuple(ours[n].shape)}" for n in shared[:3]]
    return "; ".join(told)
