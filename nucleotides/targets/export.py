"""What pre-processing leaves beside the store: plain files that people and Selene read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pysam

from nucleotides.files import replacing
from nucleotides.genome.ranges import Ranges
from nucleotides.targets.bed_text import bed_text
from nucleotides.targets.bgzip import BgzipWriter
from nucleotides.targets.sort_peaks import sort_peaks
from nucleotides.targets.store import TargetStore
from nucleotides.targets.union import union

ACCESSIBILITY = ("DNase-seq", "ATAC-seq")


def training_intervals(store: TargetStore) -> list[Ranges]:
    """Union of all non-accessibility peaks by contig; if there are none, of all peaks."""
    accessibility = store.tasks["assay"].map(_is_accessibility).astype(bool)
    tasks = store.tasks["task"][~accessibility]
    chosen = tasks if len(tasks) else store.tasks["task"]
    return store.layout.split(union(store.peak_cells(task) for task in chosen))


def _is_accessibility(assay: str) -> bool:
    """Whether all that a task was made of is; `DNase-seq + ATAC-seq` is two."""
    return set(assay.split(" + ")) <= set(ACCESSIBILITY)


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
    names, zeros = store.tasks["task"].tolist(), store.layout.zero
    for starts, ends, tasks in sort_peaks(store):
        contigs = np.searchsorted(zeros, starts, side="right") - 1
        zero = zeros[contigs]
        yield bed_text(contigs, starts - zero, ends - zero, tasks, list(store.contigs), names)
