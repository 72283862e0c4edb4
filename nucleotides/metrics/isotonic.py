"""An increasing curve that follows the labels, for tasks that a line does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.metrics.calibration import Recalibration
from nucleotides.metrics.monotone import Curve, Floats, line_curves
from nucleotides.metrics.ranked import Ranked

_LEAST_RISE = 1e-3
_RAREST = 1e-9


def fit_isotonic(ranked: Ranked, line: Recalibration) -> list[Curve]:
    """The curve of each task: isotonic regression, made strictly increasing.

    Isotonic regression (scikit-learn's) makes blocks of neighbouring windows that share one part
    of positives. Each block becomes one knot at its mean logit, and the curve is straight between
    knots on the scale of logits, so that no windows are tied that were not (centred isotonic
    regression, Oron and Flournoy 2017, 10.1080/19466315.2017.1286256). Its height is the logit of
    the block's part of positives once m windows are added that are positive as often as the line
    says, m such that one of them is of the rarer class:

        (P + m q) / (n + m),   m = 1 / min(q, 1 - q)

    for P positives of n windows of mean probability q. So it is never 0 or 1, and a block that
    holds few positives hardly leaves the line. Each knot lies at least 0.001 above the one before.
    Beyond the first and last knot the curve has the slope of the line. A task of which one class
    was not seen keeps its line.

    Args:
        ranked: windows of each task and their labels, `ScoreRanks.ranked()`.
        line: Platt's line, fitted to the same windows.
    """
    curves = line_curves(line)
    scores, counts = ranked.scores.double().cpu().numpy(), ranked.counts.cpu().numpy()
    for k, (straight, (negative, positive)) in enumerate(
        zip(curves, counts.swapaxes(0, 1), strict=True)
    ):
        if negative.any() and positive.any():
            held = negative + positive > 0
            curves[k] = _curve(scores[k, held], positive[held], negative[held], straight)
    return curves


def _curve(z: Floats, positive: NDArray[Any], negative: NDArray[Any], straight: Curve) -> Curve:
    windows = (positive + negative).astype(np.float64)
    q = np.exp(-np.logaddexp(0, -(straight.slope * z + straight.y[0])))
    x, n, rate, q = _merge(z, windows, positive / windows, q)
    q = q.clip(_RAREST, 1 - _RAREST)
    m = 1 / np.minimum(q, 1 - q)
    x, _, rate, _ = _merge(x, n + m, (n * rate + m * q) / (n + m), q)
    logits = np.log(rate / (1 - rate))
    rise = _LEAST_RISE * np.arange(x.size, dtype=np.float64)
    y = rise + np.maximum.accumulate(logits - rise)
    return Curve(straight.slope, x, y)


def _merge(x: Floats, weight: Floats, rate: Floats, q: Floats) -> tuple[Floats, ...]:
    """Blocks in which the rate rises, from the lowest x up: x, weight, rate, q."""
    from sklearn.isotonic import IsotonicRegression

    risen = IsotonicRegression().fit_transform(x, rate, sample_weight=weight)
    _, block = np.unique(risen, return_inverse=True)
    total = np.bincount(block, weight).astype(np.float64)
    means = [np.bincount(block, weight * values) / total for values in (x, rate, q)]
    return means[0], total, means[1], means[2]
