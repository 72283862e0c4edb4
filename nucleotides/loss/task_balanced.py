"""A balance between the positives of a task and its negatives, by degree."""

from __future__ import annotations

import torch
from torch import Tensor

from nucleotides.loss.bce import WeightedBCELoss, positive_weight
from nucleotides.loss.counts import within
from nucleotides.loss.multi_task_loss import MultiTaskLoss, Reduction
from nucleotides.loss.terms import Terms


class TaskBalancedLoss(MultiTaskLoss):
    """BCE whose positives weigh w^e and whose negatives weigh w^e / w, w = (N - n) / n of the task.

    Positives and negatives of a task weigh the same in all, whatever e is: at e = 1 it is BCE with
    positive weights w (1 for every negative); at e = 0 every positive weighs 1, of frequent and of
    rare tasks alike, so that a rare task has less of a say; between, between.

    Args:
        counts: (tasks,) positives n among the training samples.
        n_samples: their number N.
        exponent: e, from 0 to 1.
        max_weight: w is cut at this value; a task never or always positive gets w = 1.
        rescale: multiply the loss of a batch by one number, so that its value is that of BCE with
            positive weights w, and can be set beside it; the gradient keeps its direction.

    Raises:
        InputError: counts that cannot be; exponent outside of 0 to 1; max_weight not above 0.
    """

    positive: Tensor
    negative: Tensor

    def __init__(
        self,
        counts: Tensor,
        n_samples: int,
        exponent: float = 0.5,
        max_weight: float = 1e6,
        rescale: bool = False,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction, label_smoothing)
        weight = positive_weight(counts, n_samples, max_weight)
        within("exponent", exponent, 0, 1)
        self.n_tasks = len(weight)
        like = WeightedBCELoss(counts, n_samples, max_weight, "mean", label_smoothing)
        self.like = like if rescale else None
        self.register_buffer("positive", (weight**exponent).float(), persistent=False)
        self.register_buffer("negative", (weight ** (exponent - 1)).float(), persistent=False)

    def terms(self, labels: Tensor) -> Terms:
        """Weights of both classes by task."""
        return Terms(positive=self.positive, negative=self.negative)

    def label_losses(self, logits: Tensor, labels: Tensor, mask: Tensor | None) -> Tensor:
        """The loss of each label, (batch, tasks), 0 where it is missing."""
        losses = super().label_losses(logits, labels, mask)
        if self.like is None:
            return losses
        with torch.no_grad():
            wanted = self.like.label_losses(logits, labels, mask).sum()
        return losses * _ratio(wanted, losses.sum())

    def total(
        self, logits: Tensor, labels: Tensor, mask: Tensor | None, task_weight: Tensor | None
    ) -> Tensor:
        """Sum over labels that are not missing, each times its task's weight (tasks,)."""
        total = super().total(logits, labels, mask, task_weight)
        if self.like is None:
            return total
        with torch.no_grad():
            wanted = self.like.total(logits, labels, mask, task_weight)
        return total * _ratio(wanted, total)


def _ratio(wanted: Tensor, had: Tensor) -> Tensor:
    had = had.detach()
    return torch.where(had > 0, wanted / had, torch.ones_like(had))
