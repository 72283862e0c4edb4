"""What all losses share: the call, the mask, the reduction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, get_args

from torch import Tensor, nn

from nucleotides.errors import InputError

Reduction = Literal["mean", "sum", "none"]


class MultiTaskLoss(nn.Module, ABC):
    """Base of all losses: called with logits, labels and, where labels are missing, a mask.

    Raises:
        InputError: an unknown reduction.
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__()
        if reduction not in get_args(Reduction):
            raise InputError(f"reduction {reduction!r} is none of {', '.join(get_args(Reduction))}")
        self.reduction = reduction

    def forward(self, logits: Tensor, labels: Tensor, mask: Tensor | None = None) -> Tensor:
        """The loss.

        Args:
            logits: (batch, tasks), any floating type; computed in float32 or wider.
            labels: (batch, tasks), 0 or 1.
            mask: (batch, tasks), 0 where the label is missing; the mean is over what is left.

        Returns:
            A scalar, or (batch, tasks) with reduction "none".
        """
        logits = logits.float() if logits.element_size() < 4 else logits
        labels = labels.to(logits.dtype)
        if mask is not None:
            labels = labels.masked_fill(~mask.bool(), 0)
        loss = self.elementwise(logits, labels)
        if mask is not None:
            loss = loss.masked_fill(~mask.bool(), 0)
        if self.reduction == "none":
            return loss
        if self.reduction == "sum" or mask is None:
            return loss.sum() if self.reduction == "sum" else loss.mean()
        return loss.sum() / mask.bool().sum().clamp(min=1)

    @abstractmethod
    def elementwise(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss of each label: (batch, tasks)."""
