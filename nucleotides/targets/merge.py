"""One task's peaks on the contigs of a genome: placed, clipped, merged, and what was left out."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from nucleotides.errors import InputError
from nucleotides.genome.ranges import Integers, Ranges, merge


@dataclass
class Skipped:
    """Peaks that could not be placed, over all tasks.

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
    names = {name: i for i, name in enumerate(contigs)}
    known = np.array([names.get(str(name), -1) for name in chrom.cat.categories], np.int64)
    contig = known[chrom.cat.codes.to_numpy()] if len(table) else np.empty(0, np.int64)
    _note_unknown(chrom, contig, skipped)
    lengths = np.append(np.array(list(contigs.values()), np.int64), 0)[contig]
    skipped.empty += int((starts == ends).sum())
    skipped.beyond_end += int(((contig >= 0) & (starts >= lengths) & (ends > starts)).sum())
    skipped.clipped += int(((contig >= 0) & (starts < lengths) & (ends > lengths)).sum())
    return _merge_by_contig(contig, starts, np.minimum(ends, lengths), len(contigs))


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


def _note_unknown(chrom: pd.Series, contig: Integers, skipped: Skipped) -> None:
    counts = chrom[contig < 0].value_counts()
    for name, n in counts[counts > 0].items():
        known = skipped.unknown_contigs
        known[str(name)] = known.get(str(name), 0) + int(n)


def _merge_by_contig(contig: Integers, starts: Integers, ends: Integers, n: int) -> list[Ranges]:
    order = np.argsort(contig, kind="stable")
    edges = np.searchsorted(contig[order], np.arange(n + 1))
    groups = (order[low:high] for low, high in itertools.pairwise(edges))
    return [merge(starts[group], ends[group]) for group in groups]
