"""One task on its way into a store: its peak files merged, its peaks and centres packed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.genome.ranges import Ranges
from nucleotides.targets.centres import positive_centres
from nucleotides.targets.layout import Layout
from nucleotides.targets.merge import Skipped, Support, place, supported
from nucleotides.targets.packing import pack, unpack
from nucleotides.targets.peaks import read_columns
from nucleotides.targets.scan import Peaks


@dataclass(frozen=True, slots=True)
class PeakFile:
    """A peak file and a digest of its bytes, by which a change of it is seen."""

    path: Path
    digest: str


@dataclass(frozen=True, slots=True)
class TaskSource:
    """What a task is made of: its files, the widening of peaks, and how files are combined."""

    task: str
    files: tuple[PeakFile, ...]
    slop: int = 0
    support: Support = "union"

    def digest(self) -> str:
        """The same for the same peaks made the same way, whatever the files are called."""
        how = (*(file.digest for file in self.files), str(self.slop), self.support)
        return hashlib.sha256("\n".join(how).encode()).hexdigest()


class Rule(NamedTuple):
    """Where labels are made: the axis, the bin, and the part of it that must be covered."""

    layout: Layout
    bin: int
    threshold: float


class PackedTask(NamedTuple):
    """A task's merged peaks and positive centres, both packed; peaks read by file, and left out."""

    task: str
    digest: str
    peaks: NDArray[np.uint8]
    n_peaks: int
    centres: NDArray[np.uint8]
    n_centres: int
    n_read: list[int]
    skipped: Skipped

    def unpack_centres(self) -> Ranges:
        """Cells at which the task is positive."""
        return unpack(self.centres, self.n_centres)


def read_task(source: TaskSource, rule: Rule) -> PackedTask:
    """Read a task's files and merge them.

    Raises:
        PeakFileError: a file cannot be read (see `read_peaks`).
        InputError: none of the peaks lies on a known contig, or, with other support than union,
            no base has enough of it.
    """
    tables = [read_columns(file.path) for file in source.files]
    return pack_task(source, tables, rule)


def pack_task(source: TaskSource, tables: Sequence[Peaks], rule: Rule) -> PackedTask:
    """As `read_task`, of files that were read."""
    skipped = Skipped()
    layers = [place(table, rule.layout, skipped, source.slop) for table in tables]
    n_read = [table.starts.size for table in tables]
    merged = supported(layers, source.support)
    if not any(layer.starts.size for layer in layers):
        raise _nowhere(source.task, tables, sum(n_read), rule.layout)
    if not merged.starts.size:
        raise InputError(
            f"task {source.task}: no base is covered by {source.support} of its "
            f"{len(tables)} files; choose union, or leave the task out"
        )
    return packed_task(source, merged, n_read, skipped, rule)


def packed_task(
    source: TaskSource, merged: Ranges, n_read: list[int], skipped: Skipped, rule: Rule
) -> PackedTask:
    """A task from its merged peaks, as cells."""
    centres = positive_centres(merged, rule.bin, rule.threshold)
    return PackedTask(
        source.task,
        source.digest(),
        pack(merged),
        merged.starts.size,
        pack(centres),
        centres.starts.size,
        n_read,
        skipped,
    )


def _nowhere(task: str, tables: Sequence[Peaks], n_read: int, layout: Layout) -> InputError:
    theirs = ", ".join(list(dict.fromkeys(name for table in tables for name in table.names))[:5])
    return InputError(
        f"task {task}: none of its {n_read:,} peaks lies on a contig of the FASTA "
        f"(the peaks have {theirs or 'none'}; the FASTA has {', '.join(list(layout.contigs)[:5])})"
    )
