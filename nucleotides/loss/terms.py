"""What makes one loss differ from another: the terms of a cross-entropy."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor


@dataclass(frozen=True)
class Terms:
    """Weights and shifts of a binary cross-entropy, of which every loss here is a case.

    With z a logit, u = z - margin, and v = u for a positive label, -tolerance u for a negative one,
    q = s(v) the probability given to the right answer:

        L = sample (positive if y = 1 else negative / tolerance) (1 - q)^focus (-log q)

    Attributes:
        positive, negative: weights of positive and negative labels; a number, or (tasks,).
        margin: what is subtracted from the logits, (tasks,), or None.
        tolerance: lambda of negative-tolerant regularisation; above 1, negatives that are already
            right weigh little.
        focus: gamma of the focal loss.
        sample: weights that depend on the labels, (batch, tasks) or (batch, 1), or None.
    """

    positive: Tensor | float = 1.0
    negative: Tensor | float = 1.0
    margin: Tensor | None = None
    tolerance: float = 1.0
    focus: float = 0.0
    sample: Tensor | None = None

    @property
    def plain(self) -> bool:
        """Whether this is binary cross-entropy without any change."""
        weights = (self.positive, self.negative)
        changed = any(isinstance(w, Tensor) or w != 1 for w in weights)
        shifted = self.margin is not None or self.sample is not None
        return not (changed or shifted or self.focus) and self.tolerance == 1

    def only(self, mask: Tensor) -> Terms:
        """The same, but 0 for the labels that a mask (batch, tasks) leaves out."""
        kept = mask.float() if self.sample is None else self.sample * mask
        return replace(self, sample=kept)
