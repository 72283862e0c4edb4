"""Several networks as one, which answers with their mean probability."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import ModuleList
from torch.nn.functional import logsigmoid

from nucleotides.model.encoding import reverse_complement
from nucleotides.model.network import Network


class MeanProbability(Network):
    """An ensemble: its logits are those of the arithmetic mean of the members' probabilities.

    That is the predictive distribution of a mixture in which each member is as likely as any other
    (Lakshminarayanan et al. 2017, arXiv:1612.01474, section 2.4): where members disagree, it is
    less sure of itself. The mean of logits, a geometric mean, would let one very sure member
    outvote the others. Gradients pass through to all members.

    It is made of members that are there, not by name as other models are.

    Args:
        members: of the same tasks and window; each averages strands if it did so by itself.
    """

    def __init__(self, members: Sequence[Network]) -> None:
        super().__init__(members[0].n_tasks, members[0].sequence_length)
        self.members = ModuleList(members)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (batch, tasks) of x (batch, 4, length)."""
        return logit_of_mean(torch.stack([self._logits(member, x) for member in self.members]))

    def _logits(self, member: torch.nn.Module, x: Tensor) -> Tensor:
        assert isinstance(member, Network)
        logits: Tensor = member(x)
        if member.both_strands:
            logits = (logits + member(reverse_complement(x))) / 2
        return logits


def logit_of_mean(logits: Tensor) -> Tensor:
    """Logit of the mean of probabilities over the first dimension; exact for large logits too."""
    yes, no = (logsigmoid(z).logsumexp(0) for z in (logits, -logits))  # log(members) cancels
    return yes - no
