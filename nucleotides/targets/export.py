"""What pre-processing leaves beside the store: plain files that people and Selene read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from nucleotides.files import replacing
from nucleotides.genome.ranges import Ranges, merge
from nucleotides.targets.store import TargetStore

ACCESSIBILITY = ("DNase-seq", "ATAC-seq")


def training_intervals(store: TargetStore) -> list[Ranges]:
    """Union of all non-accessibility peaks by contig; if there are none, of all peaks."""
    tasks = store.tasks["task"][~store.tasks["assay"].isin(ACCESSIBILITY)]
    chosen = [
        store.peaks_by_contig(task) for task in (tasks if len(tasks) else store.tasks["task"])
    ]
    return [
        merge(
            np.concatenate([peaks[i].starts for peaks in chosen]),
            np.concatenate([peaks[i].ends for peaks in chosen]),
        )
        for i in range(len(store.contigs))
    ]


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
    peaks = pd.concat([store.peaks(task).assign(task=task) for task in store.tasks["task"]])
    order = {contig: i for i, contig in enumerate(store.contigs)}
    peaks = peaks.iloc[np.lexsort((peaks["end"], peaks["start"], peaks["chrom"].map(order)))]
    text = peaks.to_csv(sep="\t", header=False, index=False).encode()
    index = path.with_name(path.name + ".tbi")
    with replacing(path) as temporary:
        with pysam.BGZFile(str(temporary), "wb", None) as file:
            file.write(text)
        with replacing(index) as temporary_index:
            pysam.tabix_index(str(temporary), preset="bed", index=str(temporary_index), force=True)
