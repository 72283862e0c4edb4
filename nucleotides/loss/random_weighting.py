"""Random loss weighting: the tasks' weights are drawn anew at every step."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.errors import InputError
from nucleotides.loss.multi_task_loss import MultiTaskLoss

Distribution = Literal["normal", "uniform", "dirichlet", "bernoulli", "constrained_bernoulli"]


class RandomLossWeighting(MultiTaskLoss):
    """Sum over tasks of w_t L_t, w drawn at every step (Lin et al. 2022, arXiv:2111.10603).

    L_t is the mean loss of task t in the batch; w sums to 1. Evaluation weighs tasks equally. The
    draw depends on the seed and the number of the step only, so that all ranks of a distributed run
    share it. `nucleotides train` says the step; elsewhere it counts the batches of training, and
    whoever resumes sets `step`.

    Args:
        base: the loss of each task; its reduction is not used.
        distribution: of the draw: softmax of normal (equation 2) or of uniform numbers, Dirichlet
            (all of it), a fair coin for every task (never all tails; shared among heads), or one
            task alone (constrained_bernoulli).
        seed: of the draws.

    Raises:
        InputError: an unknown distribution.
    """

    def __init__(
        self, base: MultiTaskLoss, distribution: Distribution = "normal", seed: int = 0
    ) -> None:
        super().__init__("mean")
        if distribution not in get_args(Distribution):
            known = ", ".join(get_args(Distribution))
            raise InputError(f"distribution {distribution!r} is none of {known}")
        self.base, self.distribution, self.seed = base, distribution, seed
        self.step = 0

    def forward(self, logits: Tensor, labels: Tensor, mask: Tensor | None = None) -> Tensor:
        """The weighted loss, a scalar; arguments as in `MultiTaskLoss`."""
        logits, labels, mask = self.base.checked(logits, labels, mask)
        n_tasks = logits.shape[1]
        measured = len(logits) if mask is None else mask.sum(0).clamp(min=1)
        weight = torch.full((n_tasks,), 1 / n_tasks)
        if self.training:
            weight = self.draw(n_tasks)
            self.step += 1
        return self.base.total(logits, labels, mask, weight.to(logits.device) / measured)

    def start_step(self, epoch: int, step: int) -> None:
        """Draw for this step."""
        self.step = step
        self.base.start_step(epoch, step)

    def draw(self, n_tasks: int) -> Tensor:
        """The weights (tasks,) of the present step, float32 on the CPU."""
        random = np.random.default_rng((self.seed, self.step))
        return torch.from_numpy(_drawn(self.distribution, random, n_tasks)).float()


def _drawn(distribution: Distribution, random: np.random.Generator, n: int) -> NDArray[np.float64]:
    if distribution == "constrained_bernoulli":
        weight = np.zeros(n)
        weight[random.integers(n)] = 1
        return weight
    if distribution == "dirichlet":
        return random.dirichlet(np.ones(n))
    weight = np.zeros(n)
    if distribution == "bernoulli":
        while not weight.any():
            weight = random.integers(2, size=n).astype(np.float64)
    else:
        drawn = random.standard_normal(n) if distribution == "normal" else random.random(n)
        weight = np.exp(drawn)
    weight /= weight.sum()
    return weight
