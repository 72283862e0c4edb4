"""Samples balanced over tasks: a task first, then one of the positions at which it is positive."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.data.strata import Floats, Strata, cell_type
from nucleotides.errors import InputError
from nucleotides.genome.ranges import Ranges
from nucleotides.targets import TargetStore
from nucleotides.targets.count import over_tasks
from nucleotides.targets.layout import Layout


def balanced(
    store: TargetStore, layout: Layout, allowed: Ranges, threshold: float, bin: int, by_assay: bool
) -> Strata:
    """A group a task: its positive centres within `allowed` (cells of `layout`), exactly.

    Tasks are equally likely; by assay, assays are, and tasks within an assay. A task that is
    never positive in `allowed` is left out. Memory: 8 bytes an interval of positive centres (16
    for genomes beyond 4 Gb).

    Raises:
        InputError: no task is positive anywhere in `allowed`.
    """
    sizes = np.array(list(over_tasks(store, lambda c: _size(c, allowed), bin, threshold)), np.int64)
    positive = sizes[:, 1] > 0
    if not positive.any():
        raise InputError("--sampling: no task is positive in the training part of the genome")
    first = np.concatenate([[0], np.cumsum(sizes[:, 0])])
    kind = cell_type(layout)
    starts, before = np.empty(first[-1], kind), np.empty(first[-1], kind)
    centres = over_tasks(store, lambda c: _clip(c, allowed), bin, threshold)
    for low, high, ranges in zip(first[:-1], first[1:], centres, strict=True):
        widths = ranges.ends - ranges.starts
        starts[low:high], before[low:high] = ranges.starts, np.cumsum(widths) - widths
    return Strata(layout, starts, before, first, sizes[:, 1], _weights(store, positive, by_assay))


def _size(centres: Ranges, allowed: Ranges) -> tuple[int, int]:
    inside = _clip(centres, allowed)
    return inside.starts.size, inside.total


def _clip(centres: Ranges, allowed: Ranges) -> Ranges:
    """The part of `centres` that lies in `allowed`."""
    out = np.empty((2, centres.starts.size + allowed.starts.size), np.int64)
    n = compiled(_intersect)(*centres, *allowed, *out)
    return Ranges(out[0, :n], out[1, :n])


def _intersect(starts, ends, low, high, out_starts, out_ends):  # type: ignore[no-untyped-def]
    n, j = 0, 0
    for i in range(starts.size):
        while j < low.size and high[j] <= starts[i]:
            j += 1
        k = j
        while k < low.size and low[k] < ends[i]:
            out_starts[n], out_ends[n] = max(starts[i], low[k]), min(ends[i], high[k])
            n += 1
            k += 1
    return n


def _weights(store: TargetStore, positive: NDArray[np.bool_], by_assay: bool) -> Floats:
    """Probability of each task: alike, or alike within assays that are alike."""
    if not by_assay:
        return np.asarray(positive / positive.sum(), np.float64)
    assays = store.tasks["assay"]
    counts = assays.map(assays[positive].value_counts()).fillna(1).to_numpy(np.float64)
    return np.asarray(positive / counts / assays[positive].nunique(), np.float64)
