"""A VCF as chunks of alleles, each with the text of its records: any number in little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.predict.keep_parts import digest_of
from nucleotides.predict.variants.place_alleles import Record, place_alleles
from nucleotides.predict.variants.read_vcf import name_of, read_lines

_NEEDED = 5
_MOST_LETTERS = 1 << 25

Line = tuple[int, str]
"""The number of a line from 1, and its text."""


@dataclass(frozen=True)
class Chunk:
    """Records that follow one another, all alternates of each.

    Attributes:
        lines: the records' own text.
        first: number of the first record in the VCF, from 1.
        table: a row an allele (`place_alleles`); `record` counts in `lines`.
        where: how a message calls a record of `lines` by its place there.
        bad: what is wrong with the records that are left out of `table`.
    """

    lines: list[str]
    first: int
    table: pd.DataFrame
    where: Callable[[int], str]
    bad: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """A name for these lines (`digest_of`)."""
        return digest_of("\n".join(self.lines).encode())


class VcfStream:
    """The records of a VCF, chunk after chunk, to be read once.

    Attributes:
        name: what messages call it.
        header: the `##` lines and the `#CHROM` line, without newlines; [] if there are none.
    """

    def __init__(
        self,
        source: str | Path | None,
        genome: GenomeStore,
        size: int,
        left_align: bool,
        skip_bad: bool,
    ) -> None:
        self.name, self._genome = name_of(source), genome
        self._size, self._left_align, self._skip_bad = size, left_align, skip_bad
        self._columns = 0
        self.header, self._lines = self._split(read_lines(source))

    def __iter__(self) -> Iterator[Chunk]:
        """Chunks as they are read.

        Raises:
            InputError: a record that cannot be, when its chunk is reached.
        """
        first = 1
        for taken in _cut(self._lines, self._size):
            yield self._chunk(first, taken)
            first += len(taken)

    def _split(self, lines: Iterator[Line]) -> tuple[list[str], Iterable[Line]]:
        """The header, and the lines from the first record on."""
        header = list[str]()
        for number, line in lines:
            if line and line[0] != "#":
                return header, chain([(number, line)], lines)
            if line.startswith("#CHROM"):
                self._check_columns(line, f"{self.name} line {number}")
            if line.startswith(("##", "#CHROM")):
                header.append(line)
        return header, ()

    def _check_columns(self, line: str, where: str) -> None:
        """Refuse other columns than the header or, without one, the first record has."""
        n = line.count("\t") + 1
        if n < _NEEDED or self._columns not in (0, n):
            raise InputError(
                f"{where}: {n} columns, where {self._columns or 'five or more'} are "
                "expected, parted by tabs: CHROM POS ID REF ALT ..."
            )
        self._columns = n

    def _chunk(self, first: int, taken: list[Line]) -> Chunk:
        numbers, lines = map(list, zip(*taken, strict=True))

        def where(i: int) -> str:
            return f"{self.name} record {first + i}, line {numbers[i]}"

        if not self._skip_bad:
            for i, line in enumerate(lines):
                self._check_columns(line, where(i))
        records = [_record(line) for line in lines]
        places, bad = list(range(len(lines))), list[str]()
        if self._skip_bad:
            places, bad = self._sort_out(lines, records, where)
        table = place_alleles(
            [records[i] for i in places],
            self._genome,
            _of(places, where),
            left_align=self._left_align,
        )
        table["record"] = np.array(places, np.int64)[table["record"].to_numpy(np.int64)]
        return Chunk(lines, first, table, where, bad)

    def _sort_out(
        self, lines: list[str], records: list[Record], where: Callable[[int], str]
    ) -> tuple[list[int], list[str]]:
        """Where the records are that can be, and what is wrong with the others."""
        good, bad = list[int](), list[str]()
        waiting = [list(range(len(lines)))]
        while waiting:
            some = waiting.pop()
            try:
                for i in some:
                    self._check_columns(lines[i], where(i))
                place_alleles([records[i] for i in some], self._genome, _of(some, where))
                good += some
            except InputError as error:
                if len(some) == 1:
                    bad.append(str(error))
                else:
                    half = len(some) // 2
                    waiting += [some[half:], some[:half]]
        return good, bad


def count_chunks(source: Path, size: int) -> int | None:
    """How many chunks `stream_vcf` cuts a VCF into; None if it cannot be read to its end."""
    try:
        return sum(1 for _ in _cut(read_lines(source), size))
    except InputError:
        return None


def _cut(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    """The records, each list ended by the one that makes it big enough."""
    taken, alleles, letters = list[Line](), 0, 0
    for number, line in lines:
        if not line or line[0] == "#":
            continue
        taken.append((number, line))
        alleles += _record(line).alt.count(",") + 1
        letters += len(line)
        if alleles >= size or letters >= _MOST_LETTERS:
            yield taken
            taken, alleles, letters = [], 0, 0
    if taken:
        yield taken


def _of(places: list[int], where: Callable[[int], str]) -> Callable[[int], str]:
    """What calls the records at some places, counted among these."""
    return lambda i: where(places[i])


def _record(line: str) -> Record:
    """The first columns; those that a line lacks are empty."""
    columns = line.split("\t", _NEEDED)[:_NEEDED]
    return Record(*columns, *[""] * (_NEEDED - len(columns)))


def stream_vcf(
    source: str | Path | None,
    genome: GenomeStore,
    *,
    size: int = 4096,
    left_align: bool = False,
    skip_bad: bool = False,
) -> VcfStream:
    """The header of a VCF and, as they are read, its alleles in chunks.

    A chunk ends with the record that brings it to `size` alleles or to 32 Mi letters, so that the
    same records are cut in the same places wherever they come from.

    Args:
        source: path of a VCF (plain, gzip or bgzip, with a header or without one), or None for
            standard input.
        genome: what the records are places of.
        size: alleles a chunk, or some more.
        left_align: whether to write alleles in the normal way (`align_alleles`); `lines` stay.
        skip_bad: whether to leave records that cannot be out of `table`, and go on.

    Raises:
        InputError: no such file, an empty one, a BCF or a header that cannot be read; when its
            chunk is reached, and all chunks before were given, a record that cannot be: the
            message names the record and the line, both from 1.
    """
    return VcfStream(source, genome, size, left_align, skip_bad)
