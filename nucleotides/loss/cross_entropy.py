"""Cross-entropy with the terms of any loss, label by label: the definition, in torch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from nucleotides.loss.terms import Terms


def cross_entropy(logits: Tensor, labels: Tensor, terms: Terms) -> Tensor:
    """The loss of each label, (batch, tasks), as `Terms` defines it.

    Args:
        logits: (batch, tasks), float32 or wider.
        labels: (batch, tasks), 0 or 1.
        terms: what is particular to the loss.
    """
    if terms.plain:
        return binary_cross_entropy_with_logits(logits, labels.to(logits.dtype), reduction="none")
    hot = labels > 0.5
    shifted = logits if terms.margin is None else logits - terms.margin.to(logits.dtype)
    right = torch.where(hot, shifted, -terms.tolerance * shifted)
    loss = -logsigmoid(right)
    if terms.focus:
        # (1 - q)^focus by its logarithm: a power's gradient is not finite where 1 - q is 0.
        loss = loss * (terms.focus * logsigmoid(-right)).exp()
    loss = loss * torch.where(hot, _like(terms.positive, logits), _like(terms.negative, logits))
    if terms.tolerance != 1:
        loss = torch.where(hot, loss, loss / terms.tolerance)
    return loss if terms.sample is None else loss * terms.sample.to(logits.dtype)


def _like(value: Tensor | float, logits: Tensor) -> Tensor:
    return torch.as_tensor(value, dtype=logits.dtype, device=logits.device)
