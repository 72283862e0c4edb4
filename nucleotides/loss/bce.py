"""Binary cross-entropy, plain and with positive weights."""

from __future__ import annotations

import torch
from torch import Tensor

from nucleotides.errors import InputError
from nucleotides.loss.counts import checked_counts
from nucleotides.loss.multi_task_loss import MultiTaskLoss, Reduction
from nucleotides.loss.terms import Terms


class BCELoss(MultiTaskLoss):
    """Binary cross-entropy: -log q, q = s(z) for a positive label, 1 - s(z) for a negative one."""

    def terms(self, labels: Tensor) -> Terms:
        """Nothing is particular to it."""
        return Terms()


class WeightedBCELoss(MultiTaskLoss):
    """BCE whose positive term is multiplied by w = (N - n) / n of the task.

    Args:
        counts: (tasks,) positives n among the training samples.
        n_samples: their number N.
        max_weight: weights are cut at this value, so that a task with a handful of positives
            does not drown the others; a task never or always positive gets weight 1.

    Raises:
        InputError: counts that cannot be; max_weight not above 0.
    """

    weight: Tensor

    def __init__(
        self,
        counts: Tensor,
        n_samples: int,
        max_weight: float = 100.0,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction, label_smoothing)
        weight = positive_weight(counts, n_samples, max_weight)
        self.n_tasks = len(weight)
        self.register_buffer("weight", weight.float(), persistent=False)

    def terms(self, labels: Tensor) -> Terms:
        """Weights of positive labels."""
        return Terms(positive=self.weight)


def positive_weight(counts: Tensor, n_samples: int, max_weight: float) -> Tensor:
    """w = (N - n) / n, at most `max_weight`; 1 where n is 0 or N: float64 (tasks,).

    Raises:
        InputError: counts that cannot be; max_weight not above 0.
    """
    if not max_weight > 0:
        raise InputError(f"max_weight {max_weight} must be above 0")
    n = checked_counts(counts, n_samples)
    weight = ((n_samples - n) / n.clamp(min=1)).clamp(max=max_weight)
    one_sided = (n == 0) | (n == n_samples)
    return torch.where(one_sided, torch.ones_like(weight), weight)
