"""Reliability curves: probabilities that were given against frequencies that were seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.metrics.calibration import Recalibrates
from nucleotides.metrics.ranked import Ranked

TOP = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_Z = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """Groups of windows by task, from the highest scores down; all float64 (tasks, groups).

    Attributes:
        expected: mean probability of the windows.
        observed: part of them that is positive.
        windows: how many they are.
        low, high: 95 % interval of `observed`, Wilson's (1927, 10.1080/01621459.1927.10502953).
            It takes windows for independent. Neighbouring bins are not, so it is too narrow.

    An empty group has 0 windows and else NaN.
    """

    expected: Floats
    observed: Floats
    windows: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, expected: Floats, positive: Floats, windows: Floats) -> Reliability:
        """That of sums over windows: of probabilities, of labels, of ones."""
        with np.errstate(invalid="ignore"):
            mean, observed = expected / windows, positive / windows
        return cls(mean, observed, windows, *_wilson(observed, windows))


def reliability(
    ranked: Ranked, calibration: Recalibrates | None = None, edges: Sequence[float] = TOP
) -> Reliability:
    """The curve of each task.

    Windows are put in order of their logit and cut at the given parts of them, counted from the
    top: by default the first 0.1 %, up to 0.2, 0.5, 1, 2, 5, 10, 20 and 50 %, and the rest. A task
    that is positive in one of a hundred bins has its positives in the first few groups, where 15
    groups of one size would have them in one. Windows of one score stay together.

    Args:
        ranked: windows of each task and their labels, `ScoreRanks.ranked()`.
        calibration: what the logits are recalibrated by.
        edges: where groups end, rising up to 1.
    """
    z = ranked.scores.double()
    z = z if calibration is None else calibration.apply(z.T).T
    windows, positive = ranked.windows.double(), ranked.counts[1].double()
    middle = (windows.cumsum(1) - windows / 2) / windows.sum(1, keepdim=True)
    ends = torch.tensor(edges, dtype=torch.float64, device=z.device)
    group = torch.bucketize(middle.nan_to_num(0), ends).clamp(max=len(edges) - 1)
    sums = torch.zeros(3, len(z), len(edges), dtype=torch.float64, device=z.device)
    added = torch.stack([z.sigmoid() * windows, positive, windows])
    return Reliability.of(*sums.scatter_add(2, group.expand(3, -1, -1), added).cpu().numpy())


def pooled(curves: Reliability) -> Reliability:
    """The curve of all tasks together, (1, groups): groups of one place, window by window."""
    windows = curves.windows
    expected, positive = (
        np.nansum(part * windows, 0, keepdims=True) for part in (curves.expected, curves.observed)
    )
    return Reliability.of(expected, positive, windows.sum(0, keepdims=True))


def _wilson(rate: Floats, n: Floats) -> tuple[Floats, Floats]:
    """95 % interval of a rate among n."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1 + _Z**2 / n
        middle = (rate + _Z**2 / (2 * n)) / scale
        half = _Z / scale * np.sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    return (middle - half).clip(0, 1), (middle + half).clip(0, 1)
