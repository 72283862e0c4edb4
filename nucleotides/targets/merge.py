"""One task's peaks on the contigs of a genome: placed, clipped, merged, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd

from nucleotides.compiled import compiled
from nucleotides.errors import InputError
from nucleotides.genome.ranges import Integers, Ranges, depth_at_least, merge
from nucleotides.targets.layout import Layout
from nucleotides.targets.scan import Peaks

Support = Literal["union", "majority", "all"]
SUPPORTS: tuple[Support, ...] = get_args(Support)


@dataclass
class Skipped:
    """Peaks that could not be placed.

    Attributes:
        unknown_contigs: {contig that the genome lacks: number of peaks}.
        beyond_end: peaks that begin at or after the end of their contig.
        clipped: peaks that reach beyond the end of their contig and were cut there.
        empty: rows of zero length.
    """

    unknown_contigs: dict[str, int] = field(default_factory=dict)
    beyond_end: int = 0
    clipped: int = 0
    empty: int = 0

    def add(self, other: Skipped) -> None:
        """Count what another part left out too."""
        for name, n in other.unknown_contigs.items():
            self.unknown_contigs[name] = self.unknown_contigs.get(name, 0) + n
        self.beyond_end += other.beyond_end
        self.clipped += other.clipped
        self.empty += other.empty

    def sentences(self) -> list[str]:
        """What to tell the user, a sentence each; none if nothing was left out."""
        told = []
        if self.unknown_contigs:
            names = ", ".join(f"{name} ({n:,})" for name, n in sorted(self.unknown_contigs.items()))
            total = sum(self.unknown_contigs.values())
            told.append(f"{total:,} peaks lie on contigs that the FASTA lacks: {names}")
        if self.beyond_end or self.clipped:
            told.append(
                f"{self.beyond_end:,} peaks begin after the end of their contig and were left "
                f"out, {self.clipped:,} were cut at it: are they of another assembly?"
            )
        if self.empty:
            told.append(f"{self.empty:,} rows of zero length were left out")
        return told


def place_peaks(table: pd.DataFrame, contigs: dict[str, int], skipped: Skipped) -> list[Ranges]:
    """Merged peaks by contig, in the order of `contigs`; adds what is left out to `skipped`.

    Args:
        table: columns chrom, start, end (0-based, half-open), in any order.
        contigs: {name: length}.

    Raises:
        InputError: as `as_peaks` does.
    """
    layout = Layout(contigs, 1)
    return layout.split(place(as_peaks(table), layout, skipped))


def place(peaks: Peaks, layout: Layout, skipped: Skipped, slop: int = 0) -> Ranges:
    """Merged peaks as cells of `layout`; adds what is left out to `skipped`.

    Args:
        peaks: of one file, in any order.
        slop: bases by which every peak is widened on both sides, within its contig, before
            peaks are merged.
    """
    numbers = layout.numbers(peaks.names)
    unknown = np.zeros(len(peaks.names), np.int64)
    counts = np.zeros(3, np.int64)
    starts, ends = np.empty((2, peaks.starts.size), np.int64)
    n = compiled(_place)(
        *peaks[1:], numbers, layout.zero, layout.lengths, slop, starts, ends, unknown, counts
    )
    beyond, clipped, empty = counts.tolist()
    lacking = {name: n for name, n in zip(peaks.names, unknown.tolist(), strict=True) if n}
    skipped.add(Skipped(lacking, beyond, clipped, empty))
    return merge(starts[:n], ends[:n])


def _place(  # type: ignore[no-untyped-def]
    names, starts, ends, numbers, zero, lengths, slop, out_starts, out_ends, unknown, counts
):
    n = 0
    for i in range(starts.size):
        start, end, contig = starts[i], ends[i], numbers[names[i]]
        if start == end:
            counts[2] += 1
        if contig < 0:
            unknown[names[i]] += 1
        elif start < end and start >= lengths[contig]:
            counts[0] += 1
        elif start < end:
            counts[1] += end > lengths[contig]
            out_starts[n] = zero[contig] + max(start - slop, 0)
            out_ends[n] = zero[contig] + min(end + slop, lengths[contig])
            n += 1
    return n


def supported(files: Sequence[Ranges], support: Support) -> Ranges:
    """What the files of one task (replicates, experiments) support together.

    union: bases that any file covers; majority: that more than half of the files cover; all: that
    every file covers. Stretches that overlap or touch are joined.
    """
    depth = {"union": 1, "majority": len(files) // 2 + 1, "all": len(files)}[support]
    return depth_at_least(files, depth)


def as_peaks(table: pd.DataFrame) -> Peaks:
    """The columns of a table with chrom, start, end (0-based, half-open).

    Raises:
        InputError: a column or a value is missing, start is negative or beyond end, or a
            coordinate is not a whole number.
    """
    missing = {"chrom", "start", "end"} - set(table.columns)
    if missing:
        raise InputError(f"a table of peaks lacks the columns {', '.join(sorted(missing))}")
    starts, ends = (_whole_numbers(table, name) for name in ("start", "end"))
    if (starts < 0).any() or (starts > ends).any():
        row = int(np.argmax((starts < 0) | (starts > ends)))
        raise InputError(f"peak {row}: start {starts[row]}, end {ends[row]} is no interval")
    chrom = table["chrom"].astype("category")
    if chrom.isna().any():
        raise InputError(f"peak {int(np.argmax(chrom.isna()))} has no chrom")
    names = [str(name) for name in chrom.cat.categories]
    return Peaks(names, chrom.cat.codes.to_numpy().astype(np.int32), starts, ends)


def _whole_numbers(table: pd.DataFrame, name: str) -> Integers:
    column = table[name]
    if pd.api.types.is_integer_dtype(column.dtype) and not column.hasnans:
        return column.to_numpy(np.int64)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers % 1 == 0)))
    if wrong.size:
        value = column.iloc[wrong[0]]
        raise InputError(f"peak {wrong[0]}: {name} '{value}' is not a whole number")
    return numbers.astype(np.int64)
