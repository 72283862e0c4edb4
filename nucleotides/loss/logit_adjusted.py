"""Logit adjustment: rare tasks are compared with a lower logit, and so learn a higher one."""

from __future__ import annotations

from torch import Tensor

from nucleotides.errors import MismatchError
from nucleotides.loss.counts import checked_counts
from nucleotides.loss.distribution_balanced import prior_logit
from nucleotides.loss.multi_task_loss import MultiTaskLoss


class LogitAdjustedLoss(MultiTaskLoss):
    """A loss of z + tau log(p / (1 - p)) (Menon et al. 2021, arXiv:2007.07314, equation 10).

    There for one label of many by a softmax; here task by task, where the logarithm of the odds
    takes the place of that of the prior. The network's own logits stay as they are: they are those
    of equal priors.

    Args:
        base: the loss of the adjusted logits; its reduction holds.
        counts: (tasks,) positives n among the training samples; p = n / N.
        n_samples: their number N.
        tau: how much; 0 is the base itself.

    Raises:
        InputError: counts that cannot be.
        MismatchError: base has counts of another number of tasks.
    """

    offset: Tensor

    def __init__(
        self, base: MultiTaskLoss, counts: Tensor, n_samples: int, tau: float = 1.0
    ) -> None:
        super().__init__(base.reduction)
        offset = tau * prior_logit(checked_counts(counts, n_samples), n_samples)
        if base.n_tasks not in (None, len(offset)):
            raise MismatchError(f"counts are of {len(offset)} tasks, base has {base.n_tasks}")
        self.base, self.n_tasks = base, len(offset)
        self.register_buffer("offset", offset.float(), persistent=False)

    def label_losses(self, logits: Tensor, labels: Tensor, mask: Tensor | None) -> Tensor:
        """The base's, of adjusted logits."""
        return self.base.label_losses(logits + self.offset, labels, mask)

    def total(
        self, logits: Tensor, labels: Tensor, mask: Tensor | None, task_weight: Tensor | None
    ) -> Tensor:
        """The base's, of adjusted logits."""
        return self.base.total(logits + self.offset, labels, mask, task_weight)

    def start_step(self, epoch: int, step: int) -> None:
        """Tell the base."""
        self.base.start_step(epoch, step)
