"""The losses by name: what `--loss_type` chooses from."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.loss.bce import BCELoss, WeightedBCELoss
from nucleotides.loss.class_balanced import ClassBalancedLoss
from nucleotides.loss.deferred import DeferredLoss
from nucleotides.loss.distribution_balanced import DistributionBalancedLoss
from nucleotides.loss.focal import FocalLoss
from nucleotides.loss.logit_adjusted import LogitAdjustedLoss
from nucleotides.loss.multi_task_loss import MultiTaskLoss
from nucleotides.loss.random_weighting import Distribution, RandomLossWeighting
from nucleotides.loss.task_balanced import TaskBalancedLoss

LOSSES: dict[str, type[MultiTaskLoss]] = {
    "bce": BCELoss,
    "weighted_bce": WeightedBCELoss,
    "task_balanced": TaskBalancedLoss,
    "focal": FocalLoss,
    "class_balanced": ClassBalancedLoss,
    "distribution_balanced": DistributionBalancedLoss,
}


@dataclass(frozen=True)
class LossOptions:
    """What stands around the loss.

    Args:
        task_weighting: equal, or rlw: weights of the tasks drawn anew at every step.
        rlw_distribution: what rlw draws from.
        rlw_seed: seed of what rlw draws.
        logit_adjustment: tau of logit adjustment by the tasks' prevalence; 0 is none.
        reweight_after: plain BCE for so many epochs, then the loss that was chosen.
        prior_bias: where the biases of the last layer start: at the logit of each task's part of
            positive training samples (counts), of one probability for all (a number), or where the
            model puts them (none).
    """

    task_weighting: Literal["equal", "rlw"] = "equal"
    rlw_distribution: Distribution = "normal"
    rlw_seed: int = 0
    logit_adjustment: float = 0.0
    reweight_after: int | None = None
    prior_bias: Literal["counts", "none"] | float = "counts"

    def __post_init__(self) -> None:
        if self.reweight_after is not None and self.reweight_after < 1:
            raise InputError(f"--reweight_after {self.reweight_after} is too low: give 1 or more")
        if not isinstance(self.prior_bias, str) and not 0 < self.prior_bias < 1:
            raise InputError(f"--prior_bias {self.prior_bias} is not between 0 and 1")


def create_loss(
    name: str,
    counts: Tensor,
    n_samples: int,
    options: LossOptions | None = None,
    **parameters: Any,
) -> MultiTaskLoss:
    """The loss of this name, with what stands around it.

    Args:
        name: a key of `LOSSES`.
        counts: (tasks,) positives among the training samples; given to the losses that use them.
        n_samples: number of training samples.
        options: what stands around it; by default nothing.
        parameters: keyword arguments of the loss itself.

    Raises:
        UnknownNameError: no such loss.
        InputError: a parameter that cannot be; the message names it.
    """
    if name not in LOSSES:
        raise UnknownNameError("loss", name, LOSSES)
    options = options or LossOptions()
    takes = inspect.signature(LOSSES[name]).parameters
    known: dict[str, Any] = {"counts": counts, "n_samples": n_samples}
    given = {k: v for k, v in known.items() if k in takes}
    try:
        loss = LOSSES[name](**given, **parameters)
    except TypeError as error:
        raise InputError(f"loss {name}: {error}") from error
    if options.reweight_after is not None:
        plain = BCELoss(label_smoothing=loss.label_smoothing)
        loss = DeferredLoss(plain, loss, options.reweight_after)
    if options.logit_adjustment:
        loss = LogitAdjustedLoss(loss, counts, n_samples, options.logit_adjustment)
    if options.task_weighting == "rlw":
        loss = RandomLossWeighting(loss, options.rlw_distribution, options.rlw_seed)
    return loss
