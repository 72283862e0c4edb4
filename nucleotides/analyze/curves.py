"""Precision-recall and ROC curves, exact, and thinned for drawing."""

from __future__ import annotations

import numpy as np


def _counts(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True and false positives at each distinct threshold, from the highest score down."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    hits = np.cumsum(labels[order], dtype=np.int64)
    last_of_ties = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    true = hits[last_of_ties]
    return true, last_of_ties + 1 - true


def precision_recall(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Recall (rising, from 0) and precision at each distinct score.

    Args:
        scores: (n,) higher means more likely positive; only the order matters.
        labels: (n,) 0 or 1, with at least one 1.

    Returns:
        recall and precision, each (thresholds + 1,), the first point being (0, 1).
    """
    true, false = _counts(scores, labels)
    recall = np.concatenate([[0.0], true / true[-1]])
    precision = np.concatenate([[1.0], true / (true + false)])
    return recall, precision


def roc(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates at each distinct score, from (0, 0) to (1, 1).

    Args:
        scores: (n,) higher means more likely positive; only the order matters.
        labels: (n,) 0 or 1, with at least one of each.
    """
    true, false = _counts(scores, labels)
    return (
        np.concatenate([[0.0], false / false[-1]]),
        np.concatenate([[0.0], true / true[-1]]),
    )


def thin(x: np.ndarray, y: np.ndarray, most: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """At most `most` of the points of a curve, evenly spaced along its length, ends kept."""
    if len(x) <= most:
        return x, y
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    kept = np.unique(np.searchsorted(length, np.linspace(0, length[-1], most - 1)))
    kept = np.unique(np.append(kept, len(x) - 1))
    return x[kept], y[kept]
