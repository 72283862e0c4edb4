"""Which windows the rows of an output are about, in parts; windows are cut when they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers
from nucleotides.predict.keep_parts import digest_of
from nucleotides.predict.regions.read_sequences import Record

Codes = NDArray[np.uint8]
PART = 8192
"""Windows of a part; a single row may have more."""


class Windows(Protocol):
    """The windows of some rows, those of a row behind one another.

    Attributes:
        facts: what each row is (n, facts).
        edges: where each row's windows begin, and the end of the last one's (n + 1,).
        digest: what they are made from, besides genome and window length.
    """

    facts: pd.DataFrame
    edges: Integers
    digest: str

    def codes(self, first: int, end: int) -> Codes:
        """Windows `first` to `end` - 1: uint8 (n, length)."""


@dataclass
class GenomeWindows:
    """Windows on a genome: contigs, 0-based starts and whether reversed, (windows,) each."""

    facts: pd.DataFrame
    edges: Integers
    genome: GenomeStore
    length: int
    contigs: Integers
    starts: Integers
    reverse: NDArray[np.bool_]

    def __post_init__(self) -> None:
        places = (self.edges, self.contigs, self.starts, self.reverse)
        self.digest = digest_of(_text(self.facts), *(array.tobytes() for array in places))

    def codes(self, first: int, end: int) -> Codes:
        """Windows `first` to `end` - 1, N beyond the contig's ends."""
        part = slice(first, end)
        return self.genome.windows(
            self.contigs[part], self.starts[part], self.length, self.reverse[part]
        )


@dataclass
class SequenceWindows:
    """Windows on sequences: codes of all behind one another, and where windows start there."""

    facts: pd.DataFrame
    edges: Integers
    length: int
    sequence: Codes
    starts: Integers

    def __post_init__(self) -> None:
        arrays = (self.edges, self.starts, self.sequence)
        self.digest = digest_of(_text(self.facts), *(array.tobytes() for array in arrays))

    def codes(self, first: int, end: int) -> Codes:
        """Windows `first` to `end` - 1."""
        cut: Codes = sliding_window_view(self.sequence, self.length)[self.starts[first:end]]
        return cut


def windows_of_regions(
    regions: pd.DataFrame, genome: GenomeStore, length: int, step: int
) -> Iterator[GenomeWindows]:
    """Windows of regions (`read_regions`).

    A region [s, e) not longer than a window has one, centred: it begins at (s + e) // 2 -
    length // 2. A longer one has windows `step` bases apart from its first base on, and one that
    ends with its last base. A region on strand "-" is read as the reverse complement: so is each
    window, and the first base of a longer one is that at e - 1.
    """
    starts, ends = (regions[name].to_numpy(np.int64) for name in ("start", "end"))
    spans = _spans(regions, length)
    firsts = np.where(spans > 0, starts, (starts + ends) // 2 - length // 2)
    reverse = np.zeros(len(regions), np.bool_)
    if "strand" in regions:
        reverse = (regions["strand"] == "-").to_numpy(np.bool_)
    facts = regions.drop(columns="contig")
    contigs = regions["contig"].to_numpy(np.int64)
    for part in _parts(_n_windows(spans, step)):
        edges, rows, further = _spread(spans[part], step)
        back = reverse[part][rows]
        places = firsts[part][rows] + np.where(back, spans[part][rows] - further, further)
        on = contigs[part][rows]
        yield GenomeWindows(facts.iloc[part], edges, genome, length, on, places, back)


def n_windows_of_regions(regions: pd.DataFrame, length: int, step: int) -> int:
    """How many windows `windows_of_regions` gives."""
    return int(_n_windows(_spans(regions, length), step).sum())


def windows_of_bins(
    contigs: Iterable[str], genome: GenomeStore, length: int, bin: int, step: int
) -> Iterator[GenomeWindows]:
    """Windows around the bins that contigs are tiled with, in this order.

    Bins are [k step, k step + bin) for each k with a first base on the contig. The window of a bin
    has the same centre, k step + bin // 2, also where the bin hangs over the contig's end; in the
    facts `chrom`, `start`, `end`, such a bin ends there.
    """
    for contig in contigs:
        index, size = genome.contig_index(contig), genome.contigs[contig]
        for first in range(0, size, PART * step):
            starts = np.arange(first, min(size, first + PART * step), step)
            ends = np.minimum(starts + bin, size)
            facts = pd.DataFrame({"chrom": contig, "start": starts, "end": ends})
            places = starts + bin // 2 - length // 2
            edges, on = np.arange(starts.size + 1), np.full(starts.size, index)
            forward = np.zeros(starts.size, np.bool_)
            yield GenomeWindows(facts, edges, genome, length, on, places, forward)


def windows_of_sequences(
    records: Iterable[Record], length: int, step: int
) -> Iterator[SequenceWindows]:
    """Windows of sequences of `length` bases or more: `step` apart, first and last included.

    One part's sequences are in memory at a time. Facts: `name`, `length`.
    """
    waiting: list[Record] = []
    n = 0
    for record in records:
        waiting.append(record)
        n += int(_n_windows(np.array([record.codes.size - length]), step)[0])
        if n >= PART:
            yield _of_sequences(waiting, length, step)
            waiting, n = [], 0
    if waiting:
        yield _of_sequences(waiting, length, step)


def _n_windows(spans: Integers, step: int) -> Integers:
    """How many windows there are of first ones and those up to `spans` bases further (n,)."""
    return -(-spans // step) + 1


def _spans(regions: pd.DataFrame, length: int) -> Integers:
    """How far a region's last window begins behind its first one (n,)."""
    starts, ends = (regions[name].to_numpy(np.int64) for name in ("start", "end"))
    spans: Integers = np.maximum(ends - starts - length, 0)
    return spans


def _of_sequences(records: list[Record], length: int, step: int) -> SequenceWindows:
    sizes = np.array([record.codes.size for record in records])
    whole = records[0].codes  # which may be a chromosome's, and is not copied
    sequence = whole if len(records) == 1 else np.concatenate([r.codes for r in records])
    edges, rows, further = _spread(sizes - length, step)
    places = (np.cumsum(sizes) - sizes)[rows] + further
    facts = pd.DataFrame({"name": [record.name for record in records], "length": sizes})
    return SequenceWindows(facts, edges, length, sequence, places)


def _spread(spans: Integers, step: int) -> tuple[Integers, NDArray[np.intp], Integers]:
    """Edges of rows, each window's row, and how far it is from the first one of its row."""
    edges = np.concatenate([[0], np.cumsum(_n_windows(spans, step))])
    rows = np.repeat(np.arange(spans.size), np.diff(edges))
    further = (np.arange(rows.size) - edges[rows]) * step
    return edges, rows, np.minimum(further, spans[rows])


def _parts(counts: Integers) -> Iterator[slice]:
    """Rows in parts of about PART windows."""
    part = (np.cumsum(counts) - counts) // PART
    edges = [0, *(np.flatnonzero(np.diff(part)) + 1), counts.size]
    yield from (slice(int(a), int(b)) for a, b in pairwise(edges))


def _text(facts: pd.DataFrame) -> bytes:
    return repr(facts.to_dict("list")).encode()
