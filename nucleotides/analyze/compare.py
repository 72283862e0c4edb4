"""Two models on the same held-out bins, task by task: which is better, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import MismatchError
from nucleotides.metrics import influence
from nucleotides.metrics.block_errors import BlockSums

FALSE_DISCOVERIES = 0.05
IMPROVED, WORSENED, UNDECIDED, UNSCORED = "improved", "worsened", "undecided", "unscored"
_TASKS_AT_ONCE = 64

Array = NDArray[Any]


@dataclass(frozen=True)
class Comparison:
    """Model B against model A.

    Attributes:
        tasks: one row a task, in the order given: task, positives (bins), prevalence; for AUROC
            (auroc) and average precision (average_precision) the values of both models, *_a and
            *_b, *_difference (b - a), its standard error *_error, *_low and *_high, the ends of
            its 95% interval, *_p of no difference, and *_q, the same with false discoveries
            controlled over tasks; auroc_z, the difference in standard errors; and verdict.
            NaN where undefined.
        bins, blocks: number of held-out bins and of the blocks that they lie in.
        improved, worsened, undecided, unscored: number of tasks of each verdict.
        auroc_difference, average_precision_difference: medians over scored tasks.
        auroc_p, average_precision_p: of as many tasks to improve as to worsen, by the signed-rank
            test of Wilcoxon 1945 (10.2307/3001968). Tasks share bins and often proteins or cells,
            so that they are not independent, and these p are smaller than they should be.
    """

    tasks: pd.DataFrame
    bins: int
    blocks: int
    improved: int
    worsened: int
    undecided: int
    unscored: int
    auroc_difference: float
    average_precision_difference: float
    auroc_p: float
    average_precision_p: float


def compare(tasks: Sequence[str], labels: Array, a: Array, b: Array, blocks: Array) -> Comparison:
    """Compare the scores of two models for the same bins, with the errors of clustered data.

    AUROC: difference by the method of DeLong, its variance by that of Obuchowski for clustered
    data (`BlockSums.auroc_error`). Average precision: the infinitesimal jackknife over blocks,
    not a bootstrap of blocks: simulated, its intervals held the true difference as often (see
    docs/decisions/0013), and it costs one pass over the sorted bins instead of hundreds.
    Differences in standard errors are held against Student's t with the degrees of freedom of
    `BlockSums.freedom`, and p become q as by Benjamini and Hochberg 1995
    (10.1111/j.2517-6161.1995.tb02031.x), over tasks. The verdict is that of AUROC.

    Columns are read 64 tasks at a time, so that memory-mapped arrays may be larger than memory.

    Args:
        tasks: names, one a column of the arrays.
        labels: (n, tasks) of 0 and 1.
        a, b: (n, tasks), higher means more likely positive; what is no number counts as 0.
        blocks: (n,) whole numbers, as of `blocks.genome_blocks`.

    Raises:
        MismatchError: the arrays do not have the shapes said.
    """
    for name, array in {"labels": labels, "a": a, "b": b}.items():
        if array.shape != (len(blocks), len(tasks)):
            raise MismatchError(
                f"{name} has shape {array.shape}, but there are {len(blocks)} bins with a block "
                f"and {len(tasks)} tasks: give both models the same bins and tasks"
            )
    names, block = np.unique(blocks, return_inverse=True)
    rows = []
    for first in range(0, len(tasks), _TASKS_AT_ONCE):
        some = slice(first, first + _TASKS_AT_ONCE)
        y, of_a, of_b = (np.ascontiguousarray(array[:, some].T) for array in (labels, a, b))
        rows += [_task(y[k], of_a[k], of_b[k], block, len(names)) for k in range(len(y))]
    table = pd.DataFrame(rows, columns=["positives", *_columns()], dtype=np.float64)
    table.insert(0, "task", list(tasks))
    table = table.astype({"positives": np.int64})
    table.insert(2, "prevalence", table["positives"] / max(len(blocks), 1))
    return _summarise(_judge(table), len(blocks), len(names))


def _columns() -> list[str]:
    what = ("a", "b", "difference", "error", "low", "high", "p")
    return [f"{score}_{x}" for score in ("auroc", "average_precision") for x in what]


def _task(labels: Array, a: Array, b: Array, block: Array, n_blocks: int) -> list[float]:
    """The positives, and the `_columns`, of one task."""
    at = [influence.Thresholds.of(np.nan_to_num(scores), labels) for scores in (a, b)]
    found = [float(np.count_nonzero(labels))]
    for score, error in (
        (influence.auroc, BlockSums.auroc_error),
        (influence.average_precision, BlockSums.average_precision_error),
    ):
        (value_a, of_a), (value_b, of_b) = (score(thresholds, labels) for thresholds in at)
        sums = BlockSums.of(of_b - of_a, labels, block, n_blocks)
        difference = value_b - value_a
        found += [value_a, value_b, *_test(difference, error(sums), sums.freedom)]
    return found


def _test(difference: float, error: float, freedom: float) -> list[float]:
    """Difference, error, ends of the 95% interval, and p of no difference.

    Two models that rank alike differ by 0 with no error: p is 1. Any other difference without an
    error comes of too few bins to tell: p is NaN.
    """
    from scipy.stats import t

    if error == 0 or np.isnan(error):
        same = difference == 0 and error == 0
        return [difference, error, *([0.0, 0.0, 1.0] if same else [np.nan] * 3)]
    reach = t.ppf(0.975, freedom) * error
    p = 2 * t.sf(abs(difference) / error, freedom)
    return [difference, error, max(difference - reach, -1), min(difference + reach, 1), p]


def _judge(table: pd.DataFrame) -> pd.DataFrame:
    """The table with z, q and verdict."""
    for score in ("auroc", "average_precision"):
        table[f"{score}_q"] = control_false_discoveries(table[f"{score}_p"].to_numpy())
    table["auroc_z"] = table["auroc_difference"] / table["auroc_error"].replace(0, np.nan)
    surely = table["auroc_q"] < FALSE_DISCOVERIES
    table["verdict"] = np.select(
        [
            table["auroc_difference"].isna(),
            surely & (table["auroc_difference"] > 0),
            surely & (table["auroc_difference"] < 0),
        ],
        [UNSCORED, IMPROVED, WORSENED],
        UNDECIDED,
    )
    return table


def control_false_discoveries(p: Array) -> NDArray[np.float64]:
    """q of each p (Benjamini and Hochberg 1995), (tasks,); NaN remains, and counts for nothing."""
    from scipy.stats import false_discovery_control

    q = np.full(len(p), np.nan)
    known = np.isfinite(p)
    if known.any():
        q[known] = false_discovery_control(p[known])
    return q


def _summarise(table: pd.DataFrame, bins: int, blocks: int) -> Comparison:
    verdicts = (IMPROVED, WORSENED, UNDECIDED, UNSCORED)
    scored = table[table["verdict"] != UNSCORED]
    differences = [
        scored[f"{score}_difference"].to_numpy() for score in ("auroc", "average_precision")
    ]
    medians = [float(np.median(d)) if len(d) else np.nan for d in differences]
    counts = [int((table["verdict"] == verdict).sum()) for verdict in verdicts]
    return Comparison(table, bins, blocks, *counts, *medians, *map(_signed_rank, differences))


def _signed_rank(differences: Array) -> float:
    from scipy.stats import wilcoxon

    return float(wilcoxon(differences).pvalue) if np.any(differences) else np.nan
