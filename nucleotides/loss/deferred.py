"""Deferred re-weighting: a plain loss first, a balanced one for the last epochs."""

from __future__ import annotations

from torch import Tensor

from nucleotides.errors import InputError
from nucleotides.loss.multi_task_loss import MultiTaskLoss


class DeferredLoss(MultiTaskLoss):
    """`first` for so many epochs, `then` from there on (Cao et al. 2019, arXiv:1906.07413, DRW).

    Args:
        first: the loss of the first epochs.
        then: the loss of all others; its reduction holds.
        epochs: of `first`; 1 or more.

    Raises:
        InputError: epochs below 1.
    """

    def __init__(self, first: MultiTaskLoss, then: MultiTaskLoss, epochs: int) -> None:
        super().__init__(then.reduction)
        if epochs < 1:
            raise InputError(f"epochs {epochs} is too low: give 1 or more, or `then` by itself")
        self.first, self.then, self.epochs, self.n_tasks = first, then, epochs, then.n_tasks
        self.epoch = 0

    @property
    def now(self) -> MultiTaskLoss:
        """The loss of the present epoch."""
        return self.first if self.epoch < self.epochs else self.then

    def start_step(self, epoch: int, step: int) -> None:
        """Choose the loss of this epoch, counted from 0."""
        self.epoch = epoch
        self.now.start_step(epoch, step)

    def label_losses(self, logits: Tensor, labels: Tensor, mask: Tensor | None) -> Tensor:
        """Those of the loss of this epoch."""
        return self.now.label_losses(logits, labels, mask)

    def total(
        self, logits: Tensor, labels: Tensor, mask: Tensor | None, task_weight: Tensor | None
    ) -> Tensor:
        """That of the loss of this epoch."""
        return self.now.total(logits, labels, mask, task_weight)
