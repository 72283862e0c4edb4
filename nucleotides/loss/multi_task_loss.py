"""What all losses share: the call, the mask, the reduction."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from nucleotides.errors import InputError, MismatchError
from nucleotides.loss.cross_entropy import cross_entropy
from nucleotides.loss.fused import NOT_LABELS, summed
from nucleotides.loss.terms import Terms

Reduction = Literal["mean", "sum", "none"]


class MultiTaskLoss(nn.Module):
    """Base of all losses: called with logits, labels and, where labels are missing, a mask.

    A loss says what is particular to it in `terms`; one that stands around another overrides
    `label_losses` and `total`.

    Args:
        reduction: mean over all labels that are not missing, sum, or none.
        label_smoothing: part e of every label that is spread over both answers: the loss is
            (1 - e/2) L(y) + e/2 L(1 - y) (Szegedy 2016, 10.1109/CVPR.2016.308, section 7, for two
            classes); weights that depend on the labels stay those of y.

    Raises:
        InputError: an unknown reduction; label_smoothing outside of 0 <= e < 1.
    """

    def __init__(self, reduction: Reduction = "mean", label_smoothing: float = 0.0) -> None:
        super().__init__()
        if reduction not in get_args(Reduction):
            raise InputError(f"reduction {reduction!r} is none of {', '.join(get_args(Reduction))}")
        if not 0 <= label_smoothing < 1:
            raise InputError(f"label_smoothing {label_smoothing} is not within 0 <= e < 1")
        self.reduction, self.label_smoothing = reduction, label_smoothing
        self.n_tasks: int | None = None

    def forward(self, logits: Tensor, labels: Tensor, mask: Tensor | None = None) -> Tensor:
        """The loss.

        Args:
            logits: (batch, tasks), any floating type; computed in float32 or wider.
            labels: (batch, tasks), 0 or 1; NaN where the label is missing and a mask says so.
            mask: (batch, tasks), 0 where the label is missing; the mean is over what is left.

        Returns:
            A scalar, or (batch, tasks) with reduction "none".

        Raises:
            MismatchError: logits, labels, mask or the loss's own counts are of different tasks.
            InputError: a label that is neither 0 nor 1 (seen on the CPU).
        """
        logits, labels, mask = self.checked(logits, labels, mask)
        if self.reduction == "none":
            return self.label_losses(logits, labels, mask)
        total = self.total(logits, labels, mask, None)
        if self.reduction == "sum":
            return total
        return total / (logits.numel() if mask is None else mask.sum().clamp(min=1))

    def terms(self, labels: Tensor) -> Terms:
        """What is particular to this loss, for these labels (batch, tasks)."""
        raise NotImplementedError

    def start_step(self, epoch: int, step: int) -> None:
        """Called by training before every batch: which epoch, which optimiser step, from 0."""

    def label_losses(self, logits: Tensor, labels: Tensor, mask: Tensor | None) -> Tensor:
        """The loss of each label, (batch, tasks), 0 where it is missing."""
        if labels.device.type == "cpu" and ((labels != 0) & (labels != 1)).any():
            raise InputError(NOT_LABELS)
        terms = self.terms(labels)
        loss = cross_entropy(logits, labels, terms)
        if smooth := self.label_smoothing / 2:
            loss = (1 - smooth) * loss + smooth * cross_entropy(logits, _flip(labels), terms)
        return loss if mask is None else loss.masked_fill(~mask, 0)

    def total(
        self, logits: Tensor, labels: Tensor, mask: Tensor | None, task_weight: Tensor | None
    ) -> Tensor:
        """Sum over labels that are not missing, each times its task's weight (tasks,)."""
        if logits.device.type != "cpu" or logits.dtype != torch.float32:
            losses = self.label_losses(logits, labels, mask)
            return losses.sum() if task_weight is None else losses.sum(0) @ task_weight.to(losses)
        terms = self.terms(labels)
        if mask is not None:
            terms = terms.only(mask)
        loss = summed(logits, labels, terms, task_weight)
        if smooth := self.label_smoothing / 2:
            other = summed(logits, _flip(labels), terms, task_weight)
            loss = (1 - smooth) * loss + smooth * other
        return loss

    def checked(
        self, logits: Tensor, labels: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        for name, other in (("labels", labels), ("mask", mask)):
            if other is not None and other.shape != logits.shape:
                shapes = f"{tuple(other.shape)}, logits {tuple(logits.shape)}"
                raise MismatchError(f"{name} are {shapes}: both must be (batch, tasks)")
        if self.n_tasks is not None and logits.shape[-1] != self.n_tasks:
            raise MismatchError(
                f"{type(self).__name__}: counts are of {self.n_tasks} tasks, "
                f"logits of {logits.shape[-1]}"
            )
        if mask is not None:
            mask = mask.bool()
            labels = labels.masked_fill(~mask, 0)
        return (logits.float() if logits.element_size() < 4 else logits), labels, mask


def _flip(labels: Tensor) -> Tensor:
    return ~labels if labels.dtype == torch.bool else 1 - labels
