"""How far probabilities are from frequencies, task by task, and a line that mends it.

All from ranked logits: memory does not grow with the number of windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import softplus

from nucleotides.metrics.ranked import Ranked

_GROUPS = 15
_STEPS = 50
_LEAST_GAIN = 1e-12


class Recalibrates(Protocol):
    """What makes other logits of logits."""

    def apply(self, logits: Tensor) -> Tensor:
        """Recalibrated logits, (..., tasks)."""


@dataclass(frozen=True)
class Recalibration:
    """Logits become slope z + offset, task by task.

    Attributes:
        slope, offset: float64 (tasks,).
    """

    slope: Tensor
    offset: Tensor

    @classmethod
    def none(cls, n_tasks: int) -> Recalibration:
        """The one that changes nothing."""
        zeros = torch.zeros(n_tasks, dtype=torch.float64)
        return cls(zeros + 1, zeros)

    def apply(self, logits: Tensor) -> Tensor:
        """Recalibrated logits, (..., tasks) in the type given."""
        slope, offset = (x.to(logits) for x in (self.slope, self.offset))
        return logits * slope + offset


def fit_recalibration(ranked: Ranked) -> Recalibration:
    """The line that makes the counted labels most likely (Platt 1999, with his targets).

    Positive labels count as (P + 1) / (P + 2), negative ones as 1 / (N + 2), and the logarithm
    of the slope has a normal prior of unit width about 0, so that the slope stays positive and a
    handful of positives moves it little. A task of which one class was not seen stays as it is.

    Args:
        ranked: windows of each task and their labels, `ScoreRanks.ranked()`.
    """
    negative, positive = ranked.counts.double()
    p, n = positive.sum(1, keepdim=True), negative.sum(1, keepdim=True)
    hits = positive * (p + 1) / (p + 2) + negative / (n + 2)
    windows, z = positive + negative, ranked.scores.double()
    line = torch.zeros(2, len(p), dtype=torch.float64, device=z.device)
    cost = _cost(line, z, hits, windows)
    for _ in range(_STEPS):
        step = _newton(line, z, hits, windows)
        size = torch.ones_like(cost)
        for _ in range(20):
            better = _cost(line - size * step, z, hits, windows) <= cost
            if better.all():
                break
            size = torch.where(better, size, size / 2)
        line = line - torch.where(better, size, 0) * step
        before, cost = cost, _cost(line, z, hits, windows)
        if not (before - cost > _LEAST_GAIN * before).any():
            break
    seen = (p[:, 0] > 0) & (n[:, 0] > 0)
    return Recalibration(torch.where(seen, line[0].exp(), 1.0), torch.where(seen, line[1], 0.0))


def calibration_error(ranked: Ranked, line: Recalibrates | None = None) -> Tensor:
    """Expected calibration error of each task, float64 (tasks,); NaN without windows.

    Windows are put in order of their logit and cut into 15 groups of one size (up to ties, which
    stay together); the error is the mean over windows of the distance between their group's mean
    probability and its part of positives (Nguyen and O'Connor 2015, 10.18653/v1/D15-1182).

    Args:
        ranked: windows of each task and their labels, `ScoreRanks.ranked()`.
        line: what the logits are recalibrated by.
    """
    negative, positive = ranked.counts.double()
    windows = negative + positive
    total = windows.sum(1, keepdim=True)
    expected = _logits(ranked, line).sigmoid() * windows
    middle = windows.cumsum(1) - windows / 2
    group = (middle * _GROUPS / total).nan_to_num(0).long().clamp(0, _GROUPS - 1)
    gaps = torch.zeros(len(windows), _GROUPS, dtype=torch.float64, device=total.device)
    gaps.scatter_add_(1, group, expected - positive)
    error: Tensor = gaps.abs().sum(1) / total[:, 0]
    return error


def log_loss(ranked: Ranked, line: Recalibrates | None = None) -> Tensor:
    """Mean of -ln(probability of the label) over windows, nats, float64 (tasks,); NaN without any.

    Args:
        ranked: windows of each task and their labels, `ScoreRanks.ranked()`.
        line: what the logits are recalibrated by.
    """
    _, positive = ranked.counts.double()
    u, windows = _logits(ranked, line), ranked.windows
    loss: Tensor = (windows * softplus(u) - positive * u).sum(1) / windows.sum(1)
    return loss


def _logits(ranked: Ranked, line: Recalibrates | None) -> Tensor:
    """Of the groups, float64 (tasks, groups)."""
    z = ranked.scores.double()
    return z if line is None else line.apply(z.T).T


def _cost(line: Tensor, z: Tensor, hits: Tensor, windows: Tensor) -> Tensor:
    """Of the logarithm of the slope and the offset, (2, tasks)."""
    u = line[0].exp()[:, None] * z + line[1][:, None]
    cost: Tensor = (windows * softplus(u) - hits * u).sum(1) + line[0] ** 2 / 2
    return cost


def _newton(line: Tensor, z: Tensor, hits: Tensor, windows: Tensor) -> Tensor:
    """Inverse of the second derivatives (Gauss and Newton's) times the first, (2, tasks)."""
    steep = line[0].exp()[:, None] * z
    q = (steep + line[1][:, None]).sigmoid()
    gap, weight = windows * q - hits, windows * q * (1 - q)
    slope, offset = (gap * steep).sum(1) + line[0], gap.sum(1)
    aa, ab, bb = (weight * steep * steep).sum(1) + 1, (weight * steep).sum(1), weight.sum(1) + 1e-9
    size = aa * bb - ab * ab
    return torch.stack([(bb * slope - ab * offset) / size, (aa * offset - ab * slope) / size])
