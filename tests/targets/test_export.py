"""The files beside the store, read back by those who read them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

from nucleotides.targets import TargetStore
from nucleotides.targets.export import (
    training_intervals,
    write_intervals,
    write_target_bed,
    write_task_names,
)
from nucleotides.targets.peaks import read_peaks
from tests import toy

CONTIGS = {"chr2": 4000, "chr1": 900, "x": 5}
ASSAYS = {"dnase": "DNase-seq", "atac": "ATAC-seq", "ctcf": "TF ChIP-seq", "own": ""}


def build(folder: Path, tasks: list[str]) -> TargetStore:
    tables = {task: toy.peaks(i, CONTIGS, n=30) for i, task in enumerate(tasks)}
    facts = pd.DataFrame({"task": tasks, "assay": [ASSAYS[task] for task in tasks]})
    return TargetStore.build(tables, CONTIGS, folder / "targets", table=facts)


def test_tabix_reads_every_peak(tmp_path: Path) -> None:
    store = build(tmp_path, list(ASSAYS))
    write_target_bed(store, tmp_path / "target.bed.gz")
    assert {p.name for p in tmp_path.glob("target.*")} == {"target.bed.gz", "target.bed.gz.tbi"}
    assert not list(tmp_path.glob(".*"))
    with pysam.TabixFile(str(tmp_path / "target.bed.gz")) as tabix:
        rows = [row.split("\t") for row in tabix.fetch()]
        near = [row.split("\t") for row in tabix.fetch("chr2", 1000, 1001)]
    found = pd.DataFrame(rows, columns=["chrom", "start", "end", "task"])
    found = found.astype({"start": np.int64, "end": np.int64})
    for task in ASSAYS:
        mine = found[found["task"] == task].drop(columns="task").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, store.peaks(task), check_dtype=False)
    order = found["chrom"].map(list(CONTIGS).index)
    assert (np.diff(order * 10_000 + found["start"]) >= 0).all()
    here = found[(found["chrom"] == "chr2") & (found["start"] <= 1000) & (found["end"] > 1000)]
    assert [row[3] for row in near] == here["task"].tolist()


@pytest.mark.parametrize(
    ("tasks", "chosen"),
    [
        (["dnase", "ctcf", "atac", "own"], ["ctcf", "own"]),
        (["dnase", "atac"], ["dnase", "atac"]),
        (["ctcf"], ["ctcf"]),
    ],
)
def test_intervals_are_the_union_of_what_is_not_accessibility(
    tasks: list[str], chosen: list[str], tmp_path: Path
) -> None:
    store = build(tmp_path, tasks)
    n = write_intervals(store, tmp_path / "intervals.bed")
    written = read_peaks(tmp_path / "intervals.bed")
    assert n == len(written)
    for (contig, length), ranges in zip(CONTIGS.items(), training_intervals(store), strict=True):
        union, found = np.zeros(length, bool), np.zeros(length, bool)
        for task in chosen:
            for chrom, start, end in store.peaks(task).itertuples(index=False):
                if chrom == contig:
                    union[start:end] = True
        here = written[written["chrom"] == contig]
        for start, end in zip(here["start"], here["end"], strict=True):
            assert not found[start:end].any()
            found[start:end] = True
        assert np.array_equal(found, union)
        assert ranges.starts.tolist() == here["start"].tolist()


def test_task_names(tmp_path: Path) -> None:
    write_task_names(build(tmp_path, list(ASSAYS)), tmp_path / "names.txt")
    assert (tmp_path / "names.txt").read_text() == "dnase\natac\nctcf\nown\n"
