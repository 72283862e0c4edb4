"""Gradient ascent on a distribution over sequences, through samples of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.design.check_numbers import check_number, check_whole
from nucleotides.design.search import Search
from nucleotides.design.substitute import Substitute
from nucleotides.genome import one_hot

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]

_NEVER = -1e9
_LARGEST = 1000.0
_MEMORY = (0.9, 0.99)  # of hundreds of steps, not thousands: late ones stay as large as early


@dataclass(frozen=True)
class FollowGradient:
    """Straight-through Gumbel-softmax, then polish.

    Every position has four weights, whose softmax is the chance of each base; the start's own base
    begins ahead. A step draws `samples` sequences (Gumbel-max), takes each as far as the
    constraints permit (the surest changes first), and lets the derivatives of their scores through
    to the weights as if the sample were the softmax (straight-through: Bengio et al. 2013,
    arXiv:1308.3432; Jang et al. 2017, arXiv:1611.01144), as Fast SeqProp (Linder and Seelig 2021,
    10.1186/s12859-021-04437-5) and Ledidi (Schreiber et al. 2020, 10.1101/2020.05.21.109686) do.
    Weights follow by Adam. Since every sample is a permitted sequence, so is the best of them. When
    `share` of the budget is used, exchanges of single bases (`Substitute`) go on from there.

    Attributes:
        samples: sequences a step.
        rate: of Adam.
        ahead: by how much the weight of the start's base is larger.
        temperature: of the softmax through which derivatives go.
        share: of the budget, before the polish.
        polish: what goes on from the best.

    Raises:
        InputError: numbers that mean nothing.
    """

    samples: int = 1
    rate: float = 0.1
    ahead: float = 2.0
    temperature: float = 1.0
    share: float = 0.5
    polish: Substitute = field(default_factory=Substitute)

    def __post_init__(self) -> None:
        check_whole("samples", self.samples, 1)
        check_number("rate", self.rate, 0, _LARGEST, above=True)
        check_number("ahead", self.ahead, -_LARGEST, _LARGEST)
        check_number("temperature", self.temperature, 1 / _LARGEST, _LARGEST)
        check_number("share", self.share, 0, 1, above=True)

    def improve(self, search: Search) -> None:
        """See `Method`."""
        begin = search.codes
        allowed = search.permit.allowed[:, :4].T
        weights = torch.from_numpy(np.where(allowed, 0.0, _NEVER))
        weights += self.ahead * torch.from_numpy(one_hot(begin)) * torch.from_numpy(begin < 4)
        weights.requires_grad_()
        optimiser = torch.optim.Adam([weights], lr=self.rate, betas=_MEMORY)
        while search.spent < self.share and search.room and search.permit.free.any():
            drawn = self._draw(search, begin, weights.detach().numpy())
            x = torch.from_numpy(one_hot(drawn))
            scores, slopes = search.judge.slopes(x)
            search.steps += 1
            for codes, score in zip(drawn, scores.tolist(), strict=True):
                search.visit(codes, score)
            chance = (weights / self.temperature).softmax(0)
            up = (chance * slopes.double().mean(0)).sum()
            (weights.grad,) = torch.autograd.grad(-up, weights)
            optimiser.step()
        self.polish.improve(search)

    def _draw(self, search: Search, begin: Codes, weights: Floats) -> Codes:
        """Permitted samples (n, length)."""
        n = min(self.samples, search.room)
        noisy = weights + search.rng.gumbel(size=(n, *weights.shape))
        wanted = noisy.argmax(1).astype(np.uint8)
        wanted = np.where(search.permit.allowed[:, :4].any(1), wanted, begin)
        own = np.append(weights, np.zeros((1, begin.size)), axis=0)[begin, np.arange(begin.size)]
        drawn = []
        for one in wanted:
            ahead = np.append(weights, np.zeros((1, begin.size)), axis=0)[one, np.arange(one.size)]
            order = np.argsort(own - ahead, kind="stable")
            drawn.append(search.permit.project(begin, one, order))
        return np.stack(drawn)
