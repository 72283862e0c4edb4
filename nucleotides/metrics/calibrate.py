"""A line or a curve, whichever foretells labels better on windows that it was not fitted to."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nucleotides.metrics.calibration import fit_recalibration, log_loss
from nucleotides.metrics.isotonic import fit_isotonic
from nucleotides.metrics.monotone import Calibration, Curve, line_curves
from nucleotides.metrics.ranked import Ranked, combine, shrink
from nucleotides.metrics.score_ranks import N_GROUPS, ROOM

_TASKS_AT_ONCE = 64
_FEWEST = 50


def calibrate(folds: Sequence[Ranked], tasks: Sequence[str]) -> Calibration:
    """Platt's line or an isotonic curve for each task, fitted to the windows of all folds.

    The curve is taken where its log loss, each fold's by a curve fitted to the others, is the
    lower one, and the task has 50 positives or more. A task of which one class was not seen stays
    as it is.

    Args:
        folds: windows of each task and their labels, of contiguous blocks of the genome, two or
            more: neighbouring bins are much alike, and must not judge each other.
        tasks: their names.
    """
    curves: list[Curve] = []
    for first in range(0, len(tasks), _TASKS_AT_ONCE):
        curves += _choose([fold.some(slice(first, first + _TASKS_AT_ONCE)) for fold in folds])
    return Calibration.of(curves, tasks)


def cross_validate(folds: Sequence[Ranked]) -> Tensor:
    """Log loss of line and curve on windows that they were not fitted to, float64 (2, tasks).

    Args:
        folds: as of `calibrate`; memory grows with tasks x folds.
    """
    sums = torch.zeros(2, len(folds[0].scores), dtype=torch.float64)
    windows = torch.zeros(len(folds[0].scores), dtype=torch.float64)
    for k, held_out in enumerate(folds):
        for loss, curves in zip(sums, _fit([*folds[:k], *folds[k + 1 :]]), strict=True):
            n = held_out.windows.sum(1).cpu()
            curve = Calibration.of(curves, [""] * len(curves))
            loss += (log_loss(held_out, curve).cpu() * n).nan_to_num(0)
        windows += n
    return sums / windows


def _choose(folds: Sequence[Ranked]) -> list[Curve]:
    line_loss, curve_loss = cross_validate(folds)
    enough = sum(fold.counts[1].sum(1).cpu() for fold in folds) >= _FEWEST
    curved = (curve_loss < line_loss) & enough
    return [curve if take else line for line, curve, take in zip(*_fit(folds), curved, strict=True)]


def _fit(folds: Sequence[Ranked]) -> tuple[list[Curve], list[Curve]]:
    """Lines and curves of what is in these folds."""
    ranked = combine(folds)
    if ranked.scores.shape[1] > ROOM:
        ranked = shrink(ranked, N_GROUPS)
    line = fit_recalibration(ranked)
    return line_curves(line), fit_isotonic(ranked, line)
