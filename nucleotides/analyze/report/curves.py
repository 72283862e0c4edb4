"""Precision-recall and ROC curves, exact, and thinned for drawing."""

from __future__ import annotations

import numpy as np

from nucleotides.metrics.ranked import Ranked


def thresholds(ranked: Ranked, task: int) -> tuple[np.ndarray, np.ndarray]:
    """Positive and negative bins of a task at each distinct score, from the highest down."""
    negative, positive = ranked.counts[:, task].cpu().numpy().astype(np.int64)
    there = negative + positive > 0
    return positive[there], negative[there]


def precision_recall(positive: np.ndarray, negative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Recall (rising, from 0) and precision at each threshold.

    Args:
        positive: (thresholds,) positives of each score, from the highest down; at least one.
        negative: (thresholds,) negatives.

    Returns:
        recall and precision, each (thresholds + 1,), the first point being (0, 1).
    """
    true, called = np.cumsum(positive), np.cumsum(positive + negative)
    recall = np.concatenate([[0.0], true / true[-1]])
    precision = np.concatenate([[1.0], true / called])
    return recall, precision


def roc(positive: np.ndarray, negative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates at each threshold, from (0, 0) to (1, 1).

    Args:
        positive, negative: as in `precision_recall`, at least one of each.
    """
    rates = [
        np.concatenate([[0.0], np.cumsum(counts) / counts.sum()]) for counts in (negative, positive)
    ]
    return rates[0], rates[1]


def thin(x: np.ndarray, y: np.ndarray, most: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """At most `most` of the points of a curve, evenly spaced along its length, ends kept."""
    if len(x) <= most:
        return x, y
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    kept = np.unique(np.searchsorted(length, np.linspace(0, length[-1], most - 1)))
    kept = np.unique(np.append(kept, len(x) - 1))
    return x[kept], y[kept]
