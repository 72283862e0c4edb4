"""Focal loss: labels that are already right weigh little."""

from __future__ import annotations

from torch import Tensor

from nucleotides.errors import InputError
from nucleotides.loss.counts import within
from nucleotides.loss.multi_task_loss import MultiTaskLoss, Reduction
from nucleotides.loss.terms import Terms


class FocalLoss(MultiTaskLoss):
    """-a_t (1 - q)^g log q, a_t = alpha for a positive label, 1 - alpha for a negative one.

    Lin et al. 2017, 10.1109/ICCV.2017.324, equation 5; the defaults are the paper's best. Where
    positives are rare, start the last layer's biases at their prior (`--prior_bias`, section 3.3).

    Args:
        alpha: weight of positive labels, from 0 to 1.
        gamma: g, how fast easy labels lose weight; 0 or more.

    Raises:
        InputError: alpha outside of 0 to 1, gamma below 0.
    """

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction, label_smoothing)
        self.alpha, self.gamma = within("alpha", alpha, 0, 1), checked_gamma(gamma)

    def terms(self, labels: Tensor) -> Terms:
        """Weights of both classes, and the focus."""
        return Terms(positive=self.alpha, negative=1 - self.alpha, focus=self.gamma)


def checked_gamma(gamma: float) -> float:
    """The focus, if it is 0 or more.

    Raises:
        InputError: it is below 0.
    """
    if not gamma >= 0:
        raise InputError(f"gamma {gamma} must be 0 or more")
    return gamma
