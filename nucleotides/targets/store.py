"""The target store: merged peaks by task, and the label of every task at any position."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from nucleotides.arrays import open_arrays
from nucleotides.errors import CorruptStoreError, InputError, UnknownNameError
from nucleotides.files import read_manifest
from nucleotides.genome.ranges import Integers, Ranges
from nucleotides.read_whole import read_whole
from nucleotides.targets.centres import needed_bases, positive_centres
from nucleotides.targets.count import count_within
from nucleotides.targets.index import StabbingIndex
from nucleotides.targets.layout import Layout
from nucleotides.targets.merge import as_peaks
from nucleotides.targets.packing import unpack
from nucleotides.targets.task import PackedTask, Rule, TaskSource, pack_task
from nucleotides.targets.write_store import FORMAT, VERSION, write_store

DEFAULT_BIN, DEFAULT_THRESHOLD = 200, 0.5
UnknownContigs = Literal["skip", "refuse"]


class TargetStore:
    """Peaks of every task on one genome, and exact labels of bins at any position.

    On disk a folder: `tasks.tsv`, `peaks.safetensors` (merged peaks, task by task, packed),
    `centres.safetensors` (an index of the bin centres at which each task is positive, for the
    store's own bin and threshold), `inputs.json` (what each task was made from) and
    `manifest.json`. Arrays are memory-mapped. For another bin or threshold the index is made on
    first use and kept in memory.

    Attributes:
        path: the folder.
        contigs: {name: length}.
        tasks: a table with a row a task, in store order; column `task`, and others as given.
        bin, threshold: the label rule whose index lies on disk.
        skipped: what `build` left out, as a dictionary.
        n_peaks: merged peaks, over all tasks.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.contigs: dict[str, int] = dict(manifest["contigs"])
        self.bin: int = manifest["bin"]
        self.threshold: float = manifest["threshold"]
        self.skipped: dict[str, Any] = manifest["skipped"]
        self.n_peaks: int = manifest["n_peaks"]
        self.tasks = _read_tasks(path / "tasks.tsv", manifest["n_tasks"])
        self.layout = Layout(self.contigs, self.bin)
        self._layouts = {self.bin: self.layout}
        self._packed = open_arrays(path / "peaks.safetensors")
        self._task_index = {name: i for i, name in enumerate(self.tasks["task"])}
        index = StabbingIndex(**open_arrays(path / "centres.safetensors"))
        self._indexes = {(self.bin, needed_bases(self.bin, self.threshold)): index}

    @classmethod
    def build(
        cls,
        peaks_by_task: Mapping[str, pd.DataFrame],
        contigs: Mapping[str, int],
        out: str | Path,
        *,
        table: pd.DataFrame | None = None,
        bin: int = DEFAULT_BIN,
        threshold: float = DEFAULT_THRESHOLD,
        unknown_contigs: UnknownContigs = "skip",
    ) -> Self:
        """Merge each task's peaks and write the store, replacing the one at `out`.

        Args:
            peaks_by_task: {task: table with chrom, start, end}; 0-based, half-open, any order.
            contigs: {name: length}, as a GenomeStore has them.
            table: more columns by task (assay, biosample, target...), with a column `task`.
            bin, threshold: the label rule to keep an index for.
            unknown_contigs: what to do with peaks on contigs that `contigs` lacks.

        Raises:
            InputError: no task, peaks that are no intervals, a task of which no peak lies on a
                known contig, or (with "refuse") any peak on an unknown contig.
            OutOfSpaceError: the disk is full; what was at `out` is unchanged.
        """
        rule = make_rule(contigs, bin, threshold)
        if not peaks_by_task:
            raise InputError("there is no task to store: add peak files first")
        packed = (
            pack_task(TaskSource(task, ()), [as_peaks(peaks)], rule)
            for task, peaks in peaks_by_task.items()
        )
        write_store(Path(out), checked(packed, unknown_contigs), rule, table)
        return cls.open(out)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a store; arrays are mapped, not read.

        Raises:
            StoreError: there is no store at `path`, or it is of another version.
            CorruptStoreError: a file of it is missing or has another size than was written.
        """
        path = Path(path)
        return read_whole(path, lambda: cls(path, read_manifest(path, FORMAT, VERSION)))

    def labels(
        self,
        contig: str,
        centres: ArrayLike,
        bin: int = DEFAULT_BIN,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> NDArray[np.uint8]:
        """Labels of bins on one contig.

        Args:
            contig: name of the contig.
            centres: (n,) 0-based centres; the bin is [p - bin//2, p - bin//2 + bin).
            bin: bases a bin.
            threshold: part of the bin that a task's peaks must cover (see `needed_bases`).

        Returns:
            uint8 (n, tasks), 1 where the task is positive. Any position may be asked for, on
            the contig or beyond its ends.

        Raises:
            UnknownNameError: no such contig.
            InputError: a bin below 1, or a threshold outside [0, 1].
        """
        if contig not in self.contigs:
            raise UnknownNameError("contig", contig, self.contigs, f"(in {self.path})")
        centres = np.atleast_1d(np.asarray(centres, np.int64))
        number = list(self.contigs).index(contig)
        return self.labels_at(np.full(centres.size, number), centres, bin, threshold)

    def labels_at(
        self,
        contigs: Integers,
        centres: Integers,
        bin: int = DEFAULT_BIN,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> NDArray[np.uint8]:
        """As `labels`, for contigs (n,) given as positions in `contigs`."""
        out = np.empty((centres.size, len(self.tasks)), np.uint8)
        self._index(bin, threshold).stab(self._layout(bin).cells(contigs, centres), out)
        return out

    def float_labels_at(
        self,
        contigs: Integers,
        centres: Integers,
        bin: int = DEFAULT_BIN,
        threshold: float = DEFAULT_THRESHOLD,
        out: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """The same as 0.0 and 1.0, written at once: float32 (n, tasks), into `out` if given."""
        if out is None:
            out = np.empty((centres.size, len(self.tasks)), np.float32)
        self._index(bin, threshold).stab(self._layout(bin).cells(contigs, centres), out)
        return out

    def packed_labels_at(
        self,
        contigs: Integers,
        centres: Integers,
        bin: int = DEFAULT_BIN,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> NDArray[np.uint8]:
        """The same, eight tasks a byte, the first in the lowest bit: uint8 (n, tasks / 8 up)."""
        out = np.empty((centres.size, -(-len(self.tasks) // 8)), np.uint8)
        self._index(bin, threshold).stab_bits(self._layout(bin).cells(contigs, centres), out)
        return out

    def index(self, bin: int, threshold: float) -> tuple[StabbingIndex, Layout]:
        """What labels are looked up in, and the axis of its cells."""
        return self._index(bin, threshold), self._layout(bin)

    def peaks(self, task: str) -> pd.DataFrame:
        """Merged peaks of a task: chrom, start, end, sorted, 0-based, half-open.

        Raises:
            UnknownNameError: no such task.
        """
        by_contig = self.peaks_by_contig(task)
        counts = [ranges.starts.size for ranges in by_contig]
        return pd.DataFrame(
            {
                "chrom": np.repeat(np.array(list(self.contigs), object), counts),
                "start": np.concatenate([ranges.starts for ranges in by_contig]),
                "end": np.concatenate([ranges.ends for ranges in by_contig]),
            }
        )

    def peaks_by_contig(self, task: str) -> list[Ranges]:
        """Merged peaks of a task, contig by contig in the order of `contigs`."""
        return self.layout.split(self.peak_cells(task))

    def peak_cells(self, task: str) -> Ranges:
        """Merged peaks of a task as cells of `layout`."""
        packed, n = self.packed_peaks(task)
        return unpack(packed, n)

    def packed_peaks(self, task: str) -> tuple[NDArray[np.uint8], int]:
        """As `peak_cells`, packed, and their number."""
        if task not in self._task_index:
            raise UnknownNameError("task", task, self._task_index, f"(in {self.path})")
        number = self._task_index[task]
        low, high = self._packed["edges"][number : number + 2]
        return self._packed["packed"][low:high], int(self._packed["counts"][number])

    def inputs(self) -> list[dict[str, Any]]:
        """What each task was made from: task, digest, peaks_read, skipped; in store order."""
        path = self.path / "inputs.json"
        try:
            inputs: list[dict[str, Any]] = json.loads(path.read_text())
        except (OSError, ValueError):
            raise CorruptStoreError(
                f"{path} is missing or damaged: run `nucleotides pre-process` again"
            ) from None
        return inputs

    def count_positive(
        self, regions: list[Ranges], bin: int | None = None, threshold: float | None = None
    ) -> NDArray[np.int64]:
        """Positions within `regions` (by contig) at which each task is positive: int64 (tasks,).

        Counted exactly, from the intervals of positive centres; by the store's own bin and
        threshold unless others are given.
        """
        bin = self.bin if bin is None else bin
        threshold = self.threshold if threshold is None else threshold
        within = Layout(self.contigs, bin).join(regions)
        counts: Integers = count_within(self, [within], bin, threshold)[0]
        return counts

    def _joined(self, layout: Layout) -> Iterator[Ranges]:
        """Peaks of each task as cells of another layout."""
        if layout.margin == self.layout.margin:
            return (self.peak_cells(task) for task in self.tasks["task"])
        return (layout.join(self.peaks_by_contig(task)) for task in self.tasks["task"])

    def _layout(self, bin: int) -> Layout:
        if bin not in self._layouts:
            self._layouts[bin] = Layout(self.contigs, bin)
        return self._layouts[bin]

    def _index(self, bin: int, threshold: float) -> StabbingIndex:
        key = (bin, needed_bases(bin, threshold))
        if key not in self._indexes:
            layout = self._layout(bin)
            centres = [positive_centres(peaks, bin, threshold) for peaks in self._joined(layout)]
            self._indexes[key] = StabbingIndex.build(centres, layout.n_cells)
        return self._indexes[key]


def _read_tasks(path: Path, n_tasks: int) -> pd.DataFrame:
    try:
        tasks = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except (OSError, ValueError):
        tasks = pd.DataFrame()
    if len(tasks) != n_tasks:
        raise CorruptStoreError(
            f"{path} should list {n_tasks} tasks: run `nucleotides pre-process` again"
        )
    return tasks


def make_rule(contigs: Mapping[str, int], bin: int, threshold: float) -> Rule:
    """The rule of labels on a genome.

    Raises:
        InputError: a bin below 1, or a threshold outside [0, 1].
    """
    needed_bases(bin, threshold)
    return Rule(Layout(contigs, bin), bin, threshold)


def checked(tasks: Iterable[PackedTask], unknown_contigs: UnknownContigs) -> Iterator[PackedTask]:
    """The same tasks.

    Raises:
        InputError: with "refuse", a task with peaks on contigs that the genome lacks.
    """
    for task in tasks:
        if unknown_contigs == "refuse" and task.skipped.unknown_contigs:
            raise InputError(f"task {task.task}: {'; '.join(task.skipped.sentences())}")
        yield task
