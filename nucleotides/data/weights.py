"""POSITIVE_WEIGHTS: how much rarer than negatives a task's positives are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.data.splits import Split, clip
from nucleotides.files import replacing
from nucleotides.genome.ranges import Integers
from nucleotides.targets import TargetStore
from nucleotides.targets.export import training_intervals


def positive_weights(positives: Integers, samples: int) -> NDArray[np.float64]:
    """(N - n) / n by task; NaN for a task that is never positive. float64 (tasks,)."""
    n = np.where(positives > 0, positives, np.nan)
    return (samples - n) / n


def write_positive_weights(store: TargetStore, split: Split, path: Path) -> pd.DataFrame:
    """Count every position of the training intervals and write task, positives, positions, weight.

    The counts are exact: over all positions of the intervals that lie in the training part.
    """
    regions = clip(training_intervals(store), split.training())
    positions = sum(ranges.total for ranges in regions)
    positives = store.count_positive(regions)
    table = pd.DataFrame(
        {
            "task": store.tasks["task"],
            "positives": positives,
            "positions": positions,
            "weight": positive_weights(positives, positions),
        }
    )
    with replacing(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, float_format="%.6g")
    return table
