"""The losses by name: what `--loss_type` chooses from."""

from __future__ import annotations

import inspect
from typing import Any

from torch import Tensor

from nucleotides.errors import UnknownNameError
from nucleotides.loss.bce import BCELoss, WeightedBCELoss
from nucleotides.loss.multi_task_loss import MultiTaskLoss

LOSSES: dict[str, type[MultiTaskLoss]] = {"bce": BCELoss, "weighted_bce": WeightedBCELoss}

__all__ = ["LOSSES", "BCELoss", "MultiTaskLoss", "WeightedBCELoss", "create_loss"]


def create_loss(name: str, counts: Tensor, n_samples: int, **parameters: Any) -> MultiTaskLoss:
    """The loss of this name.

    Args:
        name: a key of `LOSSES`.
        counts: (tasks,) positives among the training samples; given to the losses that use them.
        n_samples: number of training samples.
        parameters: keyword arguments of the loss itself.

    Raises:
        UnknownNameError: no such loss.
    """
    if name not in LOSSES:
        raise UnknownNameError("loss", name, LOSSES)
    takes = inspect.signature(LOSSES[name]).parameters
    known: dict[str, Any] = {"counts": counts, "n_samples": n_samples}
    return LOSSES[name](**{k: v for k, v in known.items() if k in takes}, **parameters)
