"""Class-balanced loss: tasks weigh by the effective number of their positives."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from nucleotides.errors import InputError
from nucleotides.loss.counts import checked_counts, within
from nucleotides.loss.focal import FocalLoss
from nucleotides.loss.multi_task_loss import MultiTaskLoss, Reduction
from nucleotides.loss.terms import Terms

Mode = Literal["by_class", "average_count", "average_weight", "minimum_count"]
Base = Literal["bce", "focal"]


class ClassBalancedLoss(MultiTaskLoss):
    """BCE or focal loss times r = (1 - beta) / (1 - beta^n), normalised to sum to the tasks.

    Cui et al. 2019, 10.1109/CVPR.2019.00949, equations 2 (the effective number of n samples) and
    9 to 11; for many labels a sample as in Huang et al. 2021, arXiv:2109.04712, section 2.3.

    A task without positives has no effective number: its weight is 1, and the others' sum to
    their number.

    Args:
        counts: (tasks,) positives n among the training samples.
        n_samples: their number N.
        beta: 0 <= beta < 1; 0 weighs all tasks alike, near 1 by 1/n. The default is 1 - 1/N: with
            millions of samples anything smaller balances next to nothing.
        mode: by_class: the weight of each label's task. The others give one weight to all labels of
            a sample, from its positive ones: of their average count, their average weight, or the
            weight of their smallest count; a sample without positives gets 1.
        base: bce or focal.
        alpha, gamma: of base focal, both or neither (then 0.25 and 2).

    Raises:
        InputError: counts that cannot be, beta outside of 0 <= beta < 1, an unknown mode or base,
            one of alpha and gamma missing, or either given with base bce.
    """

    weight: Tensor
    n: Tensor

    def __init__(
        self,
        counts: Tensor,
        n_samples: int,
        beta: float | None = None,
        mode: Mode = "by_class",
        base: Base = "bce",
        alpha: float | None = None,
        gamma: float | None = None,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction, label_smoothing)
        n = checked_counts(counts, n_samples)
        self.beta = 1 - 1 / n_samples if beta is None else beta
        within("beta", self.beta, 0, 1, open_end=True)
        for name, value, known in (("mode", mode, Mode), ("base", base, Base)):
            if value not in get_args(known):
                raise InputError(f"{name} {value!r} is none of {', '.join(get_args(known))}")
        self.mode = mode
        self.base = _base_terms(base, alpha, gamma)
        self.n_tasks = len(n)
        weight = effective_weight(n, self.beta)
        seen = n > 0
        self.factor = float(seen.sum() / weight[seen].sum()) if seen.any() else 1.0
        weight = torch.where(seen, weight * self.factor, torch.ones_like(weight))
        self.register_buffer("weight", weight.float(), persistent=False)
        self.register_buffer("n", n.float(), persistent=False)

    def terms(self, labels: Tensor) -> Terms:
        """Those of the base, times a weight of the task or of the sample."""
        base = self.base
        if self.mode == "by_class":
            positive, negative = (w * self.weight for w in (base.positive, base.negative))
            return Terms(positive, negative, focus=base.focus)
        weight = self._of_samples(labels.to(self.weight.dtype))
        return Terms(base.positive, base.negative, focus=base.focus, sample=weight)

    def _of_samples(self, labels: Tensor) -> Tensor:
        """(batch, 1): equations of Huang 2021, section 2.3, by their average or smallest count."""
        positives = labels.sum(1, keepdim=True)
        if self.mode == "average_weight":
            weight = labels @ self.weight[:, None] / positives.clamp(min=1)
        else:
            if self.mode == "average_count":
                n = labels @ self.n[:, None] / positives.clamp(min=1)
            else:
                n = self.n.expand_as(labels).masked_fill(labels < 0.5, torch.inf).amin(1, True)
            weight = effective_weight(n.clamp(min=1).double(), self.beta).float() * self.factor
        return torch.where(positives > 0, weight, torch.ones_like(weight))


def effective_weight(n: Tensor, beta: float) -> Tensor:
    """(1 - beta) / (1 - beta^n), one over the effective number of n samples (Cui, equation 2).

    Args:
        n: float64, any shape, 1 or more where the weight is to mean something.
        beta: 0 <= beta < 1.
    """
    if beta == 0:
        return torch.ones_like(n)
    log = torch.log1p(torch.tensor(beta - 1, dtype=torch.float64))
    return -torch.expm1(log) / -torch.expm1(n * log)


def _base_terms(base: Base, alpha: float | None, gamma: float | None) -> Terms:
    given = {"alpha": alpha, "gamma": gamma}
    if base == "bce":
        for name, value in given.items():
            if value is not None:
                raise InputError(f"{name} belongs to base focal: give base focal, or no {name}")
        return Terms()
    missing = [name for name, value in given.items() if value is None]
    if len(missing) == 1:
        raise InputError(f"{missing[0]} is missing: give alpha and gamma, or neither")
    chosen = FocalLoss() if alpha is None or gamma is None else FocalLoss(alpha, gamma)
    return Terms(chosen.alpha, 1 - chosen.alpha, focus=chosen.gamma)
