"""Models from checkpoints, without unpickling anything but tensors and plain values."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nucleotides.errors import InputError, MismatchError
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.registry import create_model

_DAMAGED = (pickle.UnpicklingError, RuntimeError, EOFError, OSError, KeyError, TypeError)


@dataclass(frozen=True)
class Checkpoint:
    """A trained model and what is needed to use it.

    Attributes:
        model: in evaluation mode, on the CPU.
        tasks: names of its outputs, in order.
        hyperparameters: all that was chosen when it was trained, as plain values.
    """

    model: FunctionalModel
    tasks: list[str]
    hyperparameters: dict[str, Any]


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint written by `nucleotides train`.

    Raises:
        InputError: no such file, one that is no checkpoint of this package, or one that holds
            more than tensors and plain values.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"no checkpoint at {path}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        chosen = content["hyper_parameters"]
        weights = content["state_dict"]
        tasks = list(chosen["tasks"])
    except _DAMAGED as error:
        raise InputError(
            f"{path} is no checkpoint of nucleotides: it is damaged, was written by something "
            "else, or holds more than tensors and plain values"
        ) from error
    model = create_model(
        chosen["model_class"], len(tasks), chosen["sequence_length"], chosen["model"]
    )
    model.both_strands = bool(chosen.get("average_strands", False))
    model.load_state_dict(weights)
    return Checkpoint(model.eval(), tasks, dict(chosen))


def check_tasks(ours: list[str], theirs: list[str], what: str) -> None:
    """Refuse a task list that is not the model's, name for name and in order.

    Raises:
        MismatchError: the message counts and names the differences.
    """
    if told := task_difference(ours, theirs):
        raise MismatchError(
            f"the model has {len(ours)} tasks, {what} has {len(theirs)}: {told}. "
            "Use the targets that the model was trained on, or train again"
        )


def task_difference(ours: list[str], theirs: list[str]) -> str:
    """In what a task list is not the model's, name for name and in order; empty if it is."""
    if ours == theirs:
        return ""
    missing, extra = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))
    faults = []
    if missing:
        faults.append(f"{len(missing)} of the model's tasks are not in it ({_few(missing)})")
    if extra:
        faults.append(f"{len(extra)} of its tasks are not the model's ({_few(extra)})")
    return "; ".join(faults) or "they are the same, in another order"


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
