"""What pre-processing leaves beside the store: plain files that people and Selene read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pysam

from nucleotides.files import replacing
from nucleotides.genome.ranges import Ranges
from nucleotides.targets.bed_text import bed_text
from nucleotides.targets.bgzip import BgzipWriter
from nucleotides.targets.store import TargetStore
from nucleotides.targets.union import union

ACCESSIBILITY = ("DNase-seq", "ATAC-seq")
_PEAKS_AT_ONCE = 20_000_000


def training_intervals(store: TargetStore) -> list[Ranges]:
    """Union of all non-accessibility peaks by contig; if there are none, of all peaks."""
    tasks = store.tasks["task"][~store.tasks["assay"].isin(ACCESSIBILITY)]
    chosen = tasks if len(tasks) else store.tasks["task"]
    return store.layout.split(union(store.peak_cells(task) for task in chosen))


def write_intervals(store: TargetStore, path: Path) -> int:
    """Write the training intervals as a bed (0-based, half-open); return their number."""
    by_contig = training_intervals(store)
    rows = [
        f"{contig}\t{start}\t{end}\n"
        for contig, ranges in zip(store.contigs, by_contig, strict=True)
        for start, end in zip(*ranges, strict=True)
    ]
    with replacing(path) as temporary:
        temporary.write_text("".join(rows))
    return len(rows)


def write_task_names(store: TargetStore, path: Path) -> None:
    """Write the task names in store order, a line each."""
    with replacing(path) as temporary:
        temporary.write_text("".join(f"{task}\n" for task in store.tasks["task"]))


def write_target_bed(store: TargetStore, path: Path) -> None:
    """Write all merged peaks, sorted, bgzipped, with a tabix index: chrom, start, end, task.

    Selene reads it as its target file.
    """
    index = path.with_name(path.name + ".tbi")
    with replacing(path) as temporary:
        with temporary.open("wb") as file:
            writer = BgzipWriter(file)
            for text in _bed_texts(store):
                writer.write(text)
            writer.close()
        with replacing(index) as temporary_index:
            pysam.tabix_index(str(temporary), preset="bed", index=str(temporary_index), force=True)


def _bed_texts(store: TargetStore) -> Iterator[memoryview]:
    """The text by stretches of the axis, few enough peaks each to be sorted in memory."""
    names = store.tasks["task"].tolist()
    for low, high in _stretches(store):
        parts = [_within(store.peak_cells(name), low, high) for name in names]
        starts, ends = (np.concatenate(column) for column in zip(*parts, strict=True))
        tasks = np.repeat(np.arange(len(names)), [part.starts.size for part in parts])
        order = np.lexsort((ends, starts))
        starts, ends, tasks = starts[order], ends[order], tasks[order]
        contigs = np.searchsorted(store.layout.zero, starts, side="right") - 1
        zero = store.layout.zero[contigs]
        yield bed_text(contigs, starts - zero, ends - zero, tasks, list(store.contigs), names)


def _stretches(store: TargetStore) -> list[tuple[int, int]]:
    """Stretches of the axis that together hold it all, by an even share of peaks each."""
    n = max(1, -(-store.n_peaks // _PEAKS_AT_ONCE))
    edges = np.linspace(0, store.layout.n_cells, n + 1).astype(int).tolist()
    return list(itertools.pairwise(edges))


def _within(peaks: Ranges, low: int, high: int) -> Ranges:
    """Those that begin in [low, high)."""
    first, after = np.searchsorted(peaks.starts, [low, high])
    return Ranges(peaks.starts[first:after], peaks.ends[first:after])
