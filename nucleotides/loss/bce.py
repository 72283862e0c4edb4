"""Binary cross-entropy, plain and with positive weights."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from nucleotides.loss.multi_task_loss import MultiTaskLoss, Reduction


class BCELoss(MultiTaskLoss):
    """Binary cross-entropy: -log q, q = s(z) for a positive label, 1 - s(z) for a negative one."""

    def elementwise(self, logits: Tensor, labels: Tensor) -> Tensor:
        """(batch, tasks)."""
        return binary_cross_entropy_with_logits(logits, labels, reduction="none")


class WeightedBCELoss(MultiTaskLoss):
    """BCE whose positive term is multiplied by w = (N - n) / n of the task.

    Args:
        counts: (tasks,) positives n among the training samples.
        n_samples: their number N.
        max_weight: weights are cut at this value, so that a task with a handful of positives
            does not drown the others; a task never seen positive (n = 0) gets weight 1.
    """

    weight: Tensor

    def __init__(
        self,
        counts: Tensor,
        n_samples: int,
        max_weight: float = 100.0,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction)
        counts = torch.as_tensor(counts, dtype=torch.float64)
        weight = ((n_samples - counts) / counts.clamp(min=1)).clamp(max=max_weight)
        weight = torch.where(counts > 0, weight, torch.ones_like(weight))
        self.register_buffer("weight", weight.float(), persistent=False)

    def elementwise(self, logits: Tensor, labels: Tensor) -> Tensor:
        """(batch, tasks)."""
        return binary_cross_entropy_with_logits(
            logits, labels, pos_weight=self.weight.to(logits.dtype), reduction="none"
        )
