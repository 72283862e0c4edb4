"""A VCF in pieces that are scored one after the other: on the reference, or in a sample's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.predict.effects.score_alleles import Reading, Windows, windows_on
from nucleotides.predict.effects.score_pairs import Codes
from nucleotides.predict.effects.score_variants import Effects
from nucleotides.predict.variants.place_alleles import place_alleles
from nucleotides.predict.variants.stream_haplotypes import HaplotypeChunk, stream_haplotypes
from nucleotides.predict.variants.stream_vcf import Chunk, count_chunks, stream_vcf

_NOT_CARRIED = "the sample does not carry it"


class Piece(NamedTuple):
    """What is scored at once: a chunk of records, its name, the rows to score, their windows."""

    chunk: Chunk
    digest: str
    table: pd.DataFrame
    windows: Windows


class Pieces(Protocol):
    """The pieces of a VCF, to be read once.

    Attributes:
        header: of the VCF.
        left_out: {reason: alleles that the windows of others lack}, of the pieces given so far.
        total: how many there are, where that is known before they are read.
    """

    header: list[str]
    total: int | None
    left_out: Counter[str]

    def __iter__(self) -> Iterator[Piece]:
        """In order, at least one; InputError where a record cannot be."""


class OnReference:
    """All alleles, each alone on the reference."""

    def __init__(
        self,
        source: Path | None,
        genome: GenomeStore,
        length: int,
        reading: Reading,
        *,
        size: int,
        left_align: bool,
        skip_bad: bool,
    ) -> None:
        options = {"left_align": left_align, "skip_bad": skip_bad}
        self._chunks = stream_vcf(source, genome, size=size, **options)
        self._windows = windows_on(genome, length, reading.anchor)
        self._none = Chunk([], 1, place_alleles([], genome, str, left_align=left_align), str)
        self.header, self.left_out = self._chunks.header, Counter[str]()
        n = count_chunks(source, size) if source is not None and source.is_file() else None
        self.total = None if n is None else max(n, 1)

    def __iter__(self) -> Iterator[Piece]:
        chunk = None
        for chunk in self._chunks:
            yield Piece(chunk, chunk.digest, chunk.table, self._windows)
        if chunk is None:
            yield Piece(self._none, self._none.digest, self._none.table, self._windows)


class InHaplotypes:
    """The alleles that a sample carries, with what else its haplotypes have around them."""

    def __init__(
        self,
        source: Path | None,
        genome: GenomeStore,
        length: int,
        reading: Reading,
        *,
        size: int,
        sample: str,
    ) -> None:
        self._length, self._reading = length, reading
        reach = max(map(abs, reading.shifts))
        self._chunks = stream_haplotypes(
            source, genome, length + 2 * reach, sample=sample, size=size, anchor=reading.anchor
        )
        self.header, self.left_out = self._chunks.header, self._chunks.left_out
        self.total: int | None = None

    def __iter__(self) -> Iterator[Piece]:
        found = None
        for found in self._chunks:
            yield Piece(found.chunk, found.digest, found.table, self._windows(found))
        if found is None:
            raise InputError("the VCF has no records, so no haplotypes either")

    def _windows(self, chunk: HaplotypeChunk) -> Windows:
        def windows(table: pd.DataFrame, shift: int) -> tuple[Codes, Codes]:
            rule = chunk.rule._replace(length=self._length, shift=shift)
            return replace(chunk, rule=rule).windows(table.index)

        return windows


def by_allele(chunk: Chunk, table: pd.DataFrame, effects: Effects) -> tuple[pd.DataFrame, Effects]:
    """All alleles of a chunk, of rows by haplotype: the mean of both where two carry it.

    Alleles that no haplotype carries are unscored.

    Args:
        chunk: the records.
        table: rows by haplotype with flags, `allele` the row of `chunk.table`.
        effects: of these rows.
    """
    n, place = len(chunk.table), table["allele"].to_numpy(np.int64)
    times = np.bincount(place, minlength=n)[:, None]

    def mean(values: np.ndarray) -> np.ndarray:
        total = np.zeros((n, values.shape[1]))
        np.add.at(total, place, values)
        return np.where(times > 0, total / np.maximum(times, 1), np.nan)

    flags = table.groupby("allele")[["matches_reference", "unknown_bases", "reason"]].first()
    rows = chunk.table.drop(columns="reason").join(flags)
    rows["reason"] = rows["reason"].fillna(_NOT_CARRIED)
    spread = None if effects.spread is None else mean(effects.spread)
    return rows, Effects(mean(effects.ref), mean(effects.difference), spread, effects.background)
