"""Distribution-balanced loss: what re-sampling by label would do, and tolerance of negatives."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from nucleotides.errors import InputError
from nucleotides.loss.counts import checked_counts
from nucleotides.loss.focal import checked_gamma
from nucleotides.loss.multi_task_loss import MultiTaskLoss, Reduction
from nucleotides.loss.terms import Terms

Sign = Literal["minus", "plus"]


class DistributionBalancedLoss(MultiTaskLoss):
    """Re-balanced, negative-tolerant BCE (Wu et al. 2020, 10.1007/978-3-030-58548-8_10).

    r_i = (1/n_i) / sum over positive labels j of 1/n_j (equation 3), smoothed to
    r^ = alpha + s(beta (r - mu)) (equation 4); nu_i = kappa b_i, b_i = -log(1/p_i - 1), p_i = n_i/N
    (equations 6 and 7); and with u = z - nu

        L = r^ [y log(1 + e^-u) + (1/lambda) (1 - y) log(1 + e^(lambda u))]   (equations 5 and 8)

    A sample without a positive label repeats none, so that r is not defined: it gets r = mu, that
    is r^ = alpha + 1/2. Tasks never (or always) positive count as half a positive (or negative).

    Args:
        counts: (tasks,) positives n among the training samples.
        n_samples: their number N.
        alpha: least weight of a label, 0 or more.
        beta: steepness of the smoothing; 0 gives every label alpha + 1/2.
        mu: where the smoothing is steepest; the paper has 0.3 for VOC, 0.2 for COCO.
        kappa: size of nu; 0 turns it off.
        lambda_: lambda, above 0; the paper has 5 for VOC, 2 for COCO. 1 tolerates nothing.
        gamma: of a focal factor (1 - q)^gamma on top; 0 is none.
        sign: minus is the paper's z - nu; plus is what its authors' program computes. With minus, a
            rare task's logits are raised before they are compared with the labels, so that it has
            to be further from positive; with plus they are lowered, as in logit adjustment.

    Raises:
        InputError: counts that cannot be, or a parameter out of its bounds.
    """

    inverse: Tensor
    margin: Tensor

    def __init__(
        self,
        counts: Tensor,
        n_samples: int,
        alpha: float = 0.1,
        beta: float = 10.0,
        mu: float = 0.3,
        kappa: float = 0.05,
        lambda_: float = 5.0,
        gamma: float = 0.0,
        sign: Sign = "minus",
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction, label_smoothing)
        n = checked_counts(counts, n_samples)
        for name, value in (("alpha", alpha), ("beta", beta), ("mu", mu), ("kappa", kappa)):
            if not value >= 0:
                raise InputError(f"{name} {value} must be 0 or more")
        if not lambda_ > 0:
            raise InputError(f"lambda_ {lambda_} must be above 0")
        if sign not in get_args(Sign):
            raise InputError(f"sign {sign!r} is none of {', '.join(get_args(Sign))}")
        self.alpha, self.beta, self.mu, self.lambda_ = alpha, beta, mu, lambda_
        self.gamma = checked_gamma(gamma)
        self.n_tasks = len(n)
        inverse = 1 / n.clamp(min=1)
        # Only ratios count: the largest is 1, so that float32 holds them.
        self.register_buffer("inverse", (inverse / inverse.max()).float(), persistent=False)
        margin = kappa * prior_logit(n, n_samples) * (1 if sign == "minus" else -1)
        self.register_buffer("margin", margin.float(), persistent=False)

    def terms(self, labels: Tensor) -> Terms:
        """Smoothed weights of each label, nu, lambda and the focus."""
        return Terms(
            margin=self.margin,
            tolerance=self.lambda_,
            focus=self.gamma,
            sample=self.smoothed_weight(labels),
        )

    def smoothed_weight(self, labels: Tensor) -> Tensor:
        """r^ of every label, float32 (batch, tasks): equations 3 and 4."""
        repeats = labels.to(self.inverse.dtype) @ self.inverse
        scale = torch.where(repeats > 0, self.beta / repeats, torch.zeros_like(repeats))
        shift = torch.where(repeats > 0, -self.beta * self.mu, 0.0)
        weight = torch.addcmul(shift[:, None], scale[:, None], self.inverse)
        return weight.sigmoid_().add_(self.alpha)


def prior_logit(counts: Tensor, n_samples: int) -> Tensor:
    """log(p / (1 - p)), p = n / N, float64 (tasks,); finite, as if n were 1/2 from 0 and from N."""
    n = counts.double().clamp(0.5, n_samples - 0.5)
    return (n / (n_samples - n)).log()
