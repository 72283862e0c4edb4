"""The target store: merged peaks by task, and the label of every task at any position."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from nucleotides import __version__
from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.errors import CorruptStoreError, InputError, UnknownNameError
from nucleotides.files import read_manifest, replacing, write_json
from nucleotides.genome.ranges import Integers, Ranges, intersect
from nucleotides.targets.centres import needed_bases, positive_centres
from nucleotides.targets.index import StabbingIndex
from nucleotides.targets.layout import Layout
from nucleotides.targets.merge import Skipped, place_peaks

FORMAT, VERSION = "nucleotides target store", 1
DEFAULT_BIN, DEFAULT_THRESHOLD = 200, 0.5


class TargetStore:
    """Peaks of every task on one genome, and exact labels of bins at any position.

    On disk a folder: `tasks.tsv`, `peaks.safetensors` (merged peaks, task by task and contig by
    contig), `centres.safetensors` (an index of the bin centres at which each task is positive,
    for the store's own bin and threshold) and `manifest.json`. Arrays are memory-mapped. For
    another bin or threshold the index is made on first use and kept in memory.

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
        peaks = open_arrays(path / "peaks.safetensors")
        self._starts, self._ends = peaks["starts"], peaks["ends"]
        self._edges = peaks["edges"].reshape(len(self.tasks), len(self.contigs) + 1)
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
        unknown_contigs: Literal["skip", "refuse"] = "skip",
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
        contigs, out = dict(contigs), Path(out)
        if not peaks_by_task:
            raise InputError("there is no task to store: add peak files first")
        needed_bases(bin, threshold)
        skipped = Skipped()
        placed = {
            task: _place(task, peaks, contigs, skipped, unknown_contigs)
            for task, peaks in peaks_by_task.items()
        }
        with replacing(out) as folder:
            folder.mkdir()
            tasks = _task_table(list(placed), table)
            tasks.to_csv(folder / "tasks.tsv", sep="\t", index=False)
            save_arrays(folder / "peaks.safetensors", _peak_arrays(placed.values()))
            layout = Layout(contigs, bin)
            centres = [
                positive_centres(layout.join(by_contig), bin, threshold)
                for by_contig in placed.values()
            ]
            index = StabbingIndex.build(centres, layout.n_cells)
            save_arrays(folder / "centres.safetensors", index._asdict())
            manifest = {
                "format": FORMAT,
                "version": VERSION,
                "package": __version__,
                "contigs": contigs,
                "bin": bin,
                "threshold": threshold,
                "n_tasks": len(placed),
                "n_peaks": sum(ranges.starts.size for task in placed.values() for ranges in task),
                "skipped": asdict(skipped),
            }
            write_json(folder / "manifest.json", manifest)
        return cls.open(out)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a store; arrays are mapped, not read.

        Raises:
            StoreError: there is no store at `path`, or it is of another version.
            CorruptStoreError: a file of it is missing or has another size than was written.
        """
        path = Path(path)
        return cls(path, read_manifest(path, FORMAT, VERSION))

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
        cells = Layout(self.contigs, bin).cells(contigs, centres)
        out = np.empty((cells.size, len(self.tasks)), np.uint8)
        self._index(bin, threshold).stab(cells, out)
        return out

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
        if task not in self._task_index:
            raise UnknownNameError("task", task, self._task_index, f"(in {self.path})")
        edges = self._edges[self._task_index[task]]
        return [
            Ranges(self._starts[low:high].astype(np.int64), self._ends[low:high].astype(np.int64))
            for low, high in itertools.pairwise(edges)
        ]

    def count_positive(
        self, regions: list[Ranges], bin: int | None = None, threshold: float | None = None
    ) -> NDArray[np.int64]:
        """Positions within `regions` (by contig) at which each task is positive: int64 (tasks,).

        Counted exactly, from the intervals of positive centres; by the store's own bin and
        threshold unless others are given.
        """
        bin = self.bin if bin is None else bin
        threshold = self.threshold if threshold is None else threshold
        layout = Layout(self.contigs, bin)
        within = layout.join(regions)
        return np.array(
            [
                intersect(positive_centres(peaks, bin, threshold), within).total
                for peaks in self._joined(layout)
            ],
            np.int64,
        )

    def _joined(self, layout: Layout) -> Iterator[Ranges]:
        return (layout.join(self.peaks_by_contig(task)) for task in self.tasks["task"])

    def _index(self, bin: int, threshold: float) -> StabbingIndex:
        key = (bin, needed_bases(bin, threshold))
        if key not in self._indexes:
            layout = Layout(self.contigs, bin)
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


def _place(
    task: str, peaks: pd.DataFrame, contigs: dict[str, int], skipped: Skipped, unknown: str
) -> list[Ranges]:
    by_contig = place_peaks(peaks, contigs, skipped)
    if unknown == "refuse" and skipped.unknown_contigs:
        raise InputError(f"task {task}: {'; '.join(skipped.sentences())}")
    if not any(ranges.starts.size for ranges in by_contig):
        theirs = ", ".join(map(str, pd.unique(peaks["chrom"])[:5]))
        raise InputError(
            f"task {task}: none of its {len(peaks):,} peaks lies on a contig of the FASTA "
            f"(the peaks have {theirs or 'none'}; the FASTA has {', '.join(list(contigs)[:5])})"
        )
    return by_contig


def _task_table(tasks: list[str], table: pd.DataFrame | None) -> pd.DataFrame:
    out = pd.DataFrame({"task": tasks})
    if table is not None:
        out = out.merge(table, on="task", how="left", validate="one_to_one")
    for column in ("assay", "target", "biosample"):
        if column not in out:
            out[column] = ""
    return out.fillna("")


def _peak_arrays(placed: Any) -> dict[str, NDArray[Any]]:
    """starts, ends (int32), and edges: for each task, contigs + 1 offsets into them."""
    ranges = [r for by_contig in placed for r in by_contig]
    n_contigs = len(next(iter(placed)))
    after = np.cumsum([r.starts.size for r in ranges]).reshape(-1, n_contigs)
    before = np.concatenate([[0], after[:-1, -1]])[:, None]
    return {
        "starts": np.concatenate([r.starts for r in ranges]).astype(np.int32),
        "ends": np.concatenate([r.ends for r in ranges]).astype(np.int32),
        "edges": np.concatenate([before, after], axis=1).astype(np.int64),
    }
