"""What sequences made of one start are worth, and what it costs to find out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.design.voice import Voice
from nucleotides.model.full_precision import full_precision

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]


class Judge:
    """Scores: the model's own, less what models disagree by, less what edits cost.

    Args:
        model: whose score counts.
        others: models that the score is compared with (none: there is no disagreement).
        start: codes (length,), from which edits are counted.
        disagreement_penalty: what one unit of disagreement costs.
        distance_penalty: what it costs to edit all of the start.

    Attributes:
        passes: windows that went through a network so far, a model each; one of which but a few
            bases had changed counts as any other.
        gradients: those of them that went back as well.
    """

    def __init__(
        self,
        model: Voice,
        others: Sequence[Voice],
        start: Codes,
        disagreement_penalty: float = 0.0,
        distance_penalty: float = 0.0,
    ) -> None:
        self._model, self._others, self._start = model, list(others), start
        self._penalty, self._distance = disagreement_penalty, distance_penalty
        self._heard = [model, *(self._others if disagreement_penalty else [])]
        self.passes = self.gradients = 0

    @property
    def cost(self) -> int:
        """Passes that the score of a sequence takes."""
        return sum(voice.n_windows for voice in self._heard)

    def scores(self, codes: Codes) -> Floats:
        """Of sequences (n, length): (n,)."""
        return self._judge(self._edits(codes), lambda voice: voice.scores(codes))

    def exchanges(self, codes: Codes, position: NDArray[np.int64], base: Codes) -> Floats:
        """Of one sequence with one base exchanged, (k,): the cheapest to compute."""
        kept = self._start[position]
        edits = (codes != self._start).sum() - (codes[position] != kept) + (base != kept)
        return self._judge(edits, lambda voice: voice.exchanges(codes, position, base))

    def patches(self, codes: Codes, edited: Codes) -> Floats:
        """Of sequences (k, length) that differ from one over a few bases: (k,)."""
        return self._judge(self._edits(edited), lambda voice: voice.patches(codes, edited))

    @full_precision()
    def slopes(self, x: Tensor) -> tuple[Floats, Tensor]:
        """Scores (n,) of mixtures of bases (n, 4, length), and their derivatives, as `x`.

        Derivatives less their mean over the four bases of a position, which leads nowhere.
        """
        self.passes += self.cost * len(x)
        self.gradients += self.cost * len(x)
        x = x.detach().requires_grad_()
        with torch.enable_grad():
            each = torch.stack([voice.soft_scores(x) for voice in self._heard])
            kept = torch.from_numpy(self._start.astype(np.int64)).clamp(max=3)
            known = torch.from_numpy(self._start < 4)
            same = x.gather(1, kept.expand(len(x), 1, -1))[:, 0]
            edits = ((1 - same) * known).sum(1).double() / kept.numel()
            total = each[0] - self._distance * edits
            if len(each) > 1:
                total = total - self._penalty * each.std(0, correction=0)
            (slope,) = torch.autograd.grad(total.sum(), x)
        return total.detach().numpy(), slope - slope.mean(1, keepdim=True)

    def disagreement(self, codes: Codes) -> Floats:
        """Standard deviation of the models' scores (over all, not one less); NaN of a single one.

        Not counted as passes.
        """
        if not self._others:
            return np.full(len(codes), np.nan)
        each = np.stack([voice.scores(codes) for voice in (self._model, *self._others)])
        return np.asarray(each.std(axis=0))

    def _edits(self, codes: Codes) -> NDArray[np.int64]:
        return np.asarray((codes != self._start).sum(1))

    def _judge(self, edits: NDArray[np.int64], ask: Callable[[Voice], Floats]) -> Floats:
        """Scores of sequences with so many edits (n,)."""
        self.passes += self.cost * edits.size
        each = np.stack([ask(voice) for voice in self._heard])
        total = each[0] - self._distance * edits / self._start.size
        if len(each) > 1:
            total = total - self._penalty * each.std(axis=0)
        return np.asarray(total, np.float64)
