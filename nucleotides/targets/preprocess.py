"""From peak files and a FASTA to stores: the local half of `nucleotides pre-process`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from nucleotides.errors import InputError
from nucleotides.files import replacing, sha256
from nucleotides.genome import GenomeStore
from nucleotides.progress import say, track
from nucleotides.targets.export import write_intervals, write_target_bed, write_task_names
from nucleotides.targets.local import list_peak_files
from nucleotides.targets.peaks import SUFFIXES, read_peaks
from nucleotides.targets.store import DEFAULT_BIN, DEFAULT_THRESHOLD, TargetStore


@dataclass(frozen=True)
class Outputs:
    """Where pre-processing writes; every path is a file or folder of its own."""

    genome_store: Path
    target_store: Path
    target_bed: Path
    intervals: Path
    task_names: Path
    selected: Path


def pre_process(
    fasta: Path,
    peaks: Path,
    outputs: Outputs,
    *,
    bin: int = DEFAULT_BIN,
    threshold: float = DEFAULT_THRESHOLD,
    unknown_contigs: Literal["skip", "refuse"] = "skip",
) -> tuple[GenomeStore, TargetStore]:
    """Index the FASTA, read and merge all peak files, write the stores and the files beside them.

    Everything is read and checked before the first target file is written, and every file is
    replaced whole: what stood there before survives an error, Ctrl-C or a full disk.

    Raises:
        InputError: no peak files, or one that cannot be read (see `read_peaks`).
        FastaError: the FASTA cannot be read.
        OutOfSpaceError: the disk is full.
    """
    files = list_peak_files(peaks)
    if files.empty:
        raise InputError(
            f"no peak files in {peaks}: put files named *{', *'.join(SUFFIXES)} "
            "(gzipped or not) there"
        )
    say(f"reference: {fasta}")
    genome = GenomeStore.open_or_build(fasta, outputs.genome_store)
    tables = [read_peaks(path) for path in track(files["path"].tolist(), "peak files")]
    store = TargetStore.build(
        _by_task(files, tables),
        genome.contigs,
        outputs.target_store,
        table=_task_facts(files),
        bin=bin,
        threshold=threshold,
        unknown_contigs=unknown_contigs,
    )
    write_intervals(store, outputs.intervals)
    write_target_bed(store, outputs.target_bed)
    write_task_names(store, outputs.task_names)
    selected = files.assign(
        peaks=[len(table) for table in tables],
        sha256=[sha256(Path(path)) for path in files["path"]],
    )
    with replacing(outputs.selected) as temporary:
        selected.to_csv(temporary, sep="\t", index=False)
    return genome, store


def _by_task(files: pd.DataFrame, tables: list[pd.DataFrame]) -> dict[str, pd.DataFrame]:
    groups: dict[str, list[pd.DataFrame]] = {}
    for task, table in zip(files["task"], tables, strict=True):
        groups.setdefault(task, []).append(table)
    return {
        task: group[0] if len(group) == 1 else pd.concat(group).astype({"chrom": "category"})
        for task, group in groups.items()
    }


def _task_facts(files: pd.DataFrame) -> pd.DataFrame:
    """A row a task: what is known of its first file, without what only concerns the file."""
    return files.drop(columns=["file", "path"]).drop_duplicates("task")
