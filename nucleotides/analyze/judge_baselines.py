"""What composition alone tells of the held-out bins, beside the network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nucleotides.analyze.baselines import Part, baseline_scores, score_baselines
from nucleotides.data.datamodule import DataModule
from nucleotides.data.positions import Positions
from nucleotides.model.checkpoint import check_tasks
from nucleotides.train.evaluate import held_out

SHOWN = ("GC content of the window", "CpG o/e of the window")
_AT_ONCE = 8192


def judge_baselines(tasks: list[str], data: DataModule) -> dict[str, dict[str, dict[str, float]]]:
    """Baseline to task to AUROC and average precision, on all bins of the test.

    Raises:
        InputError: no validation to choose the direction on, or no test.
        MismatchError: the data are of other tasks.
    """
    check_tasks(tasks, data.tasks, str(data.targets.path))
    parts = [_part(data, held_out(data, name)) for name in ("validation", "test")]
    found = score_baselines(tasks, *parts)
    return {name: found[name] for name in SHOWN if name in found}


def _part(data: DataModule, at: Positions) -> Part:
    scores = [
        baseline_scores(_codes(data, at.take(rows)), data.bin) for rows in _chunks(at.centres.size)
    ]
    joined = {name: np.concatenate([some[name] for some in scores]) for name in scores[0]}
    return Part(joined, _labels(data, at))


def _codes(data: DataModule, at: Positions) -> NDArray[np.uint8]:
    starts = at.centres - data.sequence_length // 2
    return data.genome.windows(at.contigs, starts, data.sequence_length)


def _labels(data: DataModule, at: Positions) -> Iterator[NDArray[np.uint8]]:
    for rows in _chunks(at.centres.size):
        some = at.take(rows)
        yield data.targets.labels_at(some.contigs, some.centres, data.bin, data.threshold)


def _chunks(n: int) -> Iterator[NDArray[np.int64]]:
    for first in range(0, n, _AT_ONCE):
        yield np.arange(first, min(first + _AT_ONCE, n))
