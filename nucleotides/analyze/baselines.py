"""Baselines that need no training: what the mere composition of the sequence tells of peaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError, MismatchError

C, G, UNKNOWN = 1, 2, 4

Scores = Mapping[str, NDArray[np.float32]]
Positives = list[NDArray[np.integer[Any]]]


class Part(NamedTuple):
    """Bins of one part of the genome.

    Attributes:
        scores: of each baseline, float32 (n,), as of `baseline_scores`.
        labels: uint8 (rows, tasks) of 0 and 1, in chunks that follow each other along the bins;
            one array in a list is one chunk.
    """

    scores: Scores
    labels: Iterable[NDArray[Any]]


def baseline_scores(codes: NDArray[np.uint8], bin: int) -> dict[str, NDArray[np.float32]]:
    """GC content and CpG observed over expected, of the window and of the bin in its middle.

    GC content is the part of G and C among known bases, 0.5 where none is known. CpG observed
    over expected is CpGs x known bases / (Cs x Gs) (Gardiner-Garden and Frommer 1987,
    10.1016/0022-2836(87)90689-9), 0 without C or G. Neither changes with the strand.

    Args:
        codes: (n, length) of A C G T N = 0 1 2 3 4.
        bin: width of the bin in bases; it starts (length - bin) // 2 into the window.

    Returns:
        Name to float32 (n,). Windows no longer than the bin have no scores of their own.

    Raises:
        InputError: a bin narrower than 1 base or wider than the window.
    """
    length = codes.shape[1]
    if not 1 <= bin <= length:
        raise InputError(f"bins of {bin:,} bases in windows of {length:,}: give 1 to {length:,}")
    start = (length - bin) // 2
    parts = {"bin": codes[:, start : start + bin]}
    if bin < length:
        parts["window"] = codes
    return {
        f"{name} of the {part}": score(within)
        for part, within in parts.items()
        for name, score in (("GC content", _gc), ("CpG o/e", _cpg))
    }


def _gc(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    strong = np.count_nonzero((codes == C) | (codes == G), axis=1)
    known = np.count_nonzero(codes < UNKNOWN, axis=1)
    content = np.full(len(codes), 0.5, dtype=np.float32)
    np.divide(strong, known, out=content, where=known > 0)
    return content


def _cpg(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    c, g = codes == C, codes == G
    pairs = np.count_nonzero(c[:, :-1] & g[:, 1:], axis=1)
    expected = np.count_nonzero(c, axis=1) * np.count_nonzero(g, axis=1)
    observed = pairs * np.count_nonzero(codes < UNKNOWN, axis=1)
    ratio = np.zeros(len(codes), dtype=np.float32)
    np.divide(observed, expected, out=ratio, where=expected > 0)
    return ratio


def score_baselines(
    tasks: Sequence[str], validation: Part, test: Part
) -> dict[str, dict[str, dict[str, float]]]:
    """Exact AUROC and average precision of every baseline for every task, on test.

    A score counts upwards or downwards, by task: whichever has the better AUROC on validation,
    and upwards where validation does not tell. Each score is put in order once, for all tasks;
    beyond that, memory holds a row number (4 bytes) a positive label.

    Args:
        tasks: names, one a column of the labels.
        validation, test: bins to choose the direction on, and to be judged on.

    Returns:
        Baseline to task to {"auroc", "average_precision"}, as `RunFacts.baselines`; a task
        without positives or negatives on test is left out.

    Raises:
        MismatchError: the labels are not of these tasks, or not as many as the scores.
    """
    chosen_on, judged_on = (_positives(part, len(tasks)) for part in (validation, test))
    found = {}
    for name, scores in test.scores.items():
        before, now = _Ranks.of(validation.scores[name]), _Ranks.of(scores)
        upwards = [not before.auroc(rows) < 0.5 for rows in chosen_on]
        found[name] = {
            task: {
                "auroc": area if up else 1 - area,
                "average_precision": now.average_precision(rows, up),
            }
            for task, rows, up in zip(tasks, judged_on, upwards, strict=True)
            if np.isfinite(area := now.auroc(rows))
        }
    return found


def _positives(part: Part, n_tasks: int) -> Positives:
    """Rows of the positive labels of each task."""
    from scipy import sparse

    chunks = [sparse.csc_array(chunk != 0) for chunk in part.labels]
    labels = sparse.vstack(chunks, format="csc") if chunks else sparse.csc_array((0, n_tasks))
    n_bins = {len(scores) for scores in part.scores.values()}
    if labels.shape[1] != n_tasks or n_bins - {labels.shape[0]}:
        raise MismatchError(
            f"labels of shape {labels.shape} for {n_tasks} tasks and scores of {sorted(n_bins)} "
            "bins: give both for the same bins and tasks"
        )
    return np.split(labels.indices, labels.indptr[1:-1])


class _Ranks(NamedTuple):
    """How many of all bins score at most, and at least, as each bin does: int64 (n,)."""

    at_most: NDArray[np.int64]
    at_least: NDArray[np.int64]

    @classmethod
    def of(cls, scores: NDArray[np.float32]) -> _Ranks:
        ordered = np.sort(scores)
        at_most = np.searchsorted(ordered, scores, "right")
        return cls(at_most, len(scores) - np.searchsorted(ordered, scores, "left"))

    def auroc(self, rows: NDArray[Any]) -> float:
        """From the mean rank of the positives (Mann and Whitney 1947); NaN of one class."""
        p, n = len(rows), len(self.at_most) - len(rows)
        if not p or not n:
            return np.nan
        ranks = (self.at_most[rows].sum() - self.at_least[rows].sum() + p * (p + n + 1)) / 2
        return float((ranks - p * (p + 1) / 2) / (p * n))

    def average_precision(self, rows: NDArray[Any], upwards: bool) -> float:
        """Mean over positives of the precision at their own score, ties within."""
        called = np.sort((self.at_least if upwards else self.at_most)[rows])
        hits = np.searchsorted(called, called, "right")
        return float(np.mean(hits / called))
