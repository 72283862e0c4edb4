"""AUROC and average precision of one task, and how much every bin weighs in them.

The influence of a bin is the derivative of the score with respect to the bin's weight. Summed
over blocks of bins that are not independent, influences give the standard error of the score,
and their differences between two models that of the difference (the infinitesimal jackknife:
Jaeckel 1972; Efron 1982, 10.1137/1.9781611970319, chapter 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Thresholds:
    """The bins of one task counted at each distinct score, from the highest down.

    Attributes:
        place: int64 (n,), the number of each bin's score among the distinct ones.
        positive, negative: float64 (thresholds,), bins of just this score.
    """

    place: NDArray[np.int64]
    positive: Floats
    negative: Floats

    @classmethod
    def of(cls, scores: NDArray[Any], labels: NDArray[Any]) -> Thresholds:
        """From scores (n,), of which only the order matters, and labels (n,) of 0 and 1."""
        order = np.argsort(-scores)
        ranked, hits = scores[order], labels[order] != 0
        starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)])
        width = np.diff(np.append(starts, len(ranked)))
        place = np.empty(len(ranked), dtype=np.int64)
        place[order] = np.repeat(np.arange(len(starts)), width)
        below = np.append(0, np.cumsum(hits))
        positive = np.diff(np.append(below[starts], below[-1])).astype(np.float64)
        return cls(place, positive, width - positive)


def auroc(at: Thresholds, labels: NDArray[Any]) -> tuple[float, Floats]:
    """AUROC and its influences, float64 (n,): the structural components of DeLong.

    That of a positive is (its part of negatives ranked below - AUROC) / positives, that of a
    negative (its part of positives ranked above - AUROC) / negatives, ties counting half (DeLong,
    DeLong and Clarke-Pearson 1988, 10.2307/2531595). NaN without positives or negatives.
    """
    p, n = at.positive.sum(), at.negative.sum()
    if not p or not n:
        return np.nan, np.full(len(at.place), np.nan)
    below = 1 - (np.cumsum(at.negative) - at.negative / 2) / n
    above = (np.cumsum(at.positive) - at.positive / 2) / p
    area = float(at.positive @ below) / p
    influence = np.where(
        labels != 0, ((below - area) / p)[at.place], ((above - area) / n)[at.place]
    )
    return float(area), influence


def average_precision(at: Thresholds, labels: NDArray[Any]) -> tuple[float, Floats]:
    """Average precision, as scikit-learn's, and its influences, float64 (n,).

    With T positives among the C bins that score t or more, average precision is the mean over
    positives of T / C at their own score. A bin's weight counts in T (if positive) and C at its
    score and at all lower ones. NaN without positives.
    """
    p = at.positive.sum()
    if not p:
        return np.nan, np.full(len(at.place), np.nan)
    called = np.cumsum(at.positive + at.negative)
    precision = np.cumsum(at.positive) / called
    average = float(at.positive @ precision) / p
    gained = _from_here_down(at.positive / called)
    lost = _from_here_down(at.positive * precision / called)
    of_positive, of_negative = precision - average + gained - lost, -lost
    influence = np.where(labels != 0, of_positive[at.place], of_negative[at.place]) / p
    return float(average), influence


def _from_here_down(values: Floats) -> Floats:
    return values[::-1].cumsum()[::-1]
