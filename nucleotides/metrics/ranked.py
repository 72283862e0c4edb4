"""Scores of any number of windows in few numbers a task, with almost nothing lost of their order.

A sketch of quantiles whose error shrinks towards the top, as the t-digest's does towards both
ends (Dunning 2021, 10.1016/j.simpa.2020.100049): average precision of a rare task hangs on the
first ranks, which stay apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Ranked:
    """The windows of each task in groups, from the highest score down.

    Attributes:
        scores: float32 (tasks, groups), mean logit of a group.
        counts: int32 (2, tasks, groups), its negative and positive labels; some are empty.
        tied: bool (tasks, groups), whether all of its windows have one score.
    """

    scores: Tensor
    counts: Tensor
    tied: Tensor

    @property
    def windows(self) -> Tensor:
        """Of each group: int64 (tasks, groups)."""
        return self.counts.sum(0)

    def some(self, tasks: slice, groups: slice = slice(None)) -> Ranked:
        """Part of the tasks, and of their groups."""
        return Ranked(
            self.scores[tasks, groups], self.counts[:, tasks, groups], self.tied[tasks, groups]
        )


def rank(scores: Tensor, counts: Tensor, tied: Tensor) -> Ranked:
    """Groups in any order, put in order; what has one score becomes one group."""
    scores, order = scores.sort(1, descending=True)
    counts, tied = counts.gather(2, order.expand(2, -1, -1)), tied.gather(1, order)
    place = torch.zeros_like(order)
    place[:, 1:] = (scores[:, 1:] != scores[:, :-1]).cumsum(1)
    return _regroup(Ranked(scores, counts, tied), place, scores.shape[1], one_score=True)


def combine(parts: Sequence[Ranked]) -> Ranked:
    """The windows of all parts, which are of the same tasks, in order."""
    scores = torch.cat([part.scores for part in parts], 1)
    counts = torch.cat([part.counts for part in parts], 2)
    together = rank(scores, counts, torch.cat([part.tied for part in parts], 1))
    n_groups = int((together.windows > 0).any(0).nonzero().max()) + 1 if counts.any() else 0
    return together.some(slice(None), slice(n_groups))


def shrink(ranked: Ranked, size: int) -> Ranked:
    """The same windows in `size` groups.

    The first ranks remain as they are. From rank R on a group holds about one window of R that
    rank before it, R being as large as `size` allows. Positive and negative logits never share a
    group, equal ones always do, and many of one score have a group of their own.
    """
    windows = ranked.windows
    first = _first_ranks(int(windows[0].sum()), size - 2)
    before = windows.cumsum(1) - windows
    begin, end = (_places(x, first).clamp(max=size - 3) for x in (before, before + windows - 1))
    return _regroup(ranked, begin + (end - begin > 1) + (ranked.scores < 0), size)


def _places(before: Tensor, first: int) -> Tensor:
    """Group by number of windows before: each its own up to `first`, ever wider from there."""
    later = first * (1 + (before.clamp(min=1).double() / first).log())
    return torch.where(before <= first, before, later.long())


def _first_ranks(n_windows: int, n_groups: int) -> int:
    """The largest R with R (1 + ln(n / R)) groups or fewer."""
    low, high = 1.0, float(n_groups)
    for _ in range(50):
        middle = (low + high) / 2
        fits = middle * (1 + math.log(max(n_windows / middle, 1))) <= n_groups
        low, high = (middle, high) if fits else (low, middle)
    return int(low)


def _regroup(ranked: Ranked, place: Tensor, size: int, *, one_score: bool = False) -> Ranked:
    """Sums of what has one place, which is of one score or may be of several."""
    shape, device = (len(place), size), place.device
    counts = torch.zeros(2, *shape, dtype=torch.int32, device=device)
    counts.scatter_add_(2, place.expand(2, -1, -1), ranked.counts)
    weighed = torch.zeros(shape, dtype=torch.float64, device=device)
    weighed.scatter_add_(1, place, ranked.scores.double() * ranked.windows)
    means = (weighed / counts.sum(0).clamp(min=1)).float()
    held = (ranked.windows > 0) & ~(ranked.tied & one_score)
    n_parts = torch.zeros(shape, dtype=torch.int32, device=device)
    n_parts.scatter_add_(1, place, held.int() * (2 - ranked.tied.int()))
    return Ranked(means, counts, n_parts <= 1)
