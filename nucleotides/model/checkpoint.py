"""Models from checkpoints, without unpickling anything but tensors and plain values."""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nucleotides.errors import InputError, MismatchError, UntrustedCodeError
from nucleotides.model.build_network import Kind, build_network
from nucleotides.model.network import Network

_DAMAGED = (
    *(pickle.UnpicklingError, zipfile.BadZipFile, RuntimeError, EOFError, OSError),
    *(LookupError, TypeError, ValueError, AttributeError),
)

_NONE = (
    "{} is no checkpoint of nucleotides: it is damaged, was written by something else, or holds "
    "more than tensors and plain values"
)


@dataclass(frozen=True)
class Checkpoint:
    """A trained model and what is needed to use it.

    Attributes:
        model: in evaluation mode, on the CPU.
        tasks: names of its outputs, in order.
        hyperparameters: all that was chosen when it was trained, as plain values.
    """

    model: Network
    tasks: list[str]
    hyperparameters: dict[str, Any]


def load_checkpoint(path: str | Path, *, trust_code: bool = False) -> Checkpoint:
    """Read a checkpoint written by `nucleotides train`, and make its model.

    Args:
        path: the file.
        trust_code: whether the module of a model that is not of the zoo may be imported at the
            file's word, which runs its code.

    Raises:
        InputError: no such file, one that is no checkpoint of this package, or one that holds
            more than tensors and plain values.
        UntrustedCodeError: it is of a model that is not of the zoo.
    """
    chosen, weights = read_checkpoint(path)
    tasks = chosen["tasks"]
    kinds = {name: Kind(tuple(values.shape), values.dtype) for name, values in weights.items()}
    try:
        model = build_network(chosen, len(tasks), kinds, trust_code=trust_code)
    except UntrustedCodeError as error:
        raise UntrustedCodeError(f"{path}: {error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    model.both_strands = bool(chosen.get("average_strands", False))
    model.load_state_dict(weights)
    return Checkpoint(model.eval(), tasks, chosen)


def read_checkpoint(path: str | Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Hyperparameters, `tasks` among them, and weights by name; no model is made.

    Raises:
        InputError: see `load_checkpoint`.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"no checkpoint at {path}")
    try:
        _check_stored(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
        chosen, weights = dict(content["hyper_parameters"]), dict(content["state_dict"])
        chosen["tasks"] = list(chosen["tasks"])
        texts, values = [*weights, *chosen["tasks"]], weights.values()
        sound = all(isinstance(n, str) for n in texts)
        sound = sound and all(isinstance(v, Tensor) for v in values)
    except _DAMAGED as error:
        raise InputError(_NONE.format(path)) from error
    if not sound:
        raise InputError(_NONE.format(path))
    return chosen, weights


def _check_stored(path: Path) -> None:
    """Refuse a file whose parts would grow when they are read, and one that torch did not zip."""
    with zipfile.ZipFile(path) as archive:
        if any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist()):
            raise ValueError("compressed")


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
