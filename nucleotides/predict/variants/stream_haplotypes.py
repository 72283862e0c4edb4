"""The alleles that a sample's haplotypes carry, each with its neighbours in cis, as a stream."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from nucleotides.genome import GenomeStore
from nucleotides.genome.haplotypes import Anchor, Codes
from nucleotides.genome.in_cis import Allele, Haplotype, flanks
from nucleotides.predict.keep_parts import digest_of
from nucleotides.predict.variants.carry_alleles import Carrier, Copy, sites_of
from nucleotides.predict.variants.read_genotypes import find_sample
from nucleotides.predict.variants.stream_vcf import Chunk, VcfStream, stream_vcf

Neighbour = tuple[Copy, Allele]
"""An allele that is spliced into the windows of others on the same haplotype."""


class Rule(NamedTuple):
    """What decides the windows of a site, as in `variant_windows`."""

    length: int
    anchor: Anchor
    shift: int


@dataclass(frozen=True)
class HaplotypeChunk:
    """Carried alleles of records that follow one another, and all that is near them in cis.

    Attributes:
        chunk: the records, and all of their alleles.
        table: a row for each alternate and each haplotype that carries it (`Carrier`).
        neighbours: alleles of all haplotypes, in order, as far as windows reach or further.
        genome, rule: what the windows are made of.
    """

    chunk: Chunk
    table: pd.DataFrame
    neighbours: Sequence[Neighbour]
    genome: GenomeStore
    rule: Rule

    @property
    def digest(self) -> str:
        """A name for these lines and all that is near them (`digest_of`)."""
        return digest_of(self.chunk.digest.encode(), repr(self.neighbours).encode())

    def windows(self, rows: Iterable[int]) -> tuple[Codes, Codes]:
        """Windows with the genome's REF and with ALT of rows of `table`, given by number.

        Around both is the haplotype (`Haplotype.windows`); around alleles of a genotype that is not
        phased, the reference.

        Returns:
            codes (n, length), twice. A row that has a `reason` has no windows: leave it out.
        """
        sites = sites_of(self.table.iloc[list(rows)])
        codes = np.empty((2, len(sites), self.rule.length), np.uint8)
        for i, (copy, site) in enumerate(sites):
            haplotype = self._haplotypes.get(copy) or Haplotype(self.genome, copy[0])
            length, anchor, shift = self.rule
            codes[:, i] = haplotype.windows(site, length, anchor=anchor, shift=shift)
        return codes[0], codes[1]

    @cached_property
    def _haplotypes(self) -> dict[Copy, Haplotype]:
        return group(self.genome, self.neighbours)


class _Read(NamedTuple):
    """A chunk of which all is known but what lies behind it."""

    chunk: Chunk
    table: pd.DataFrame
    neighbours: list[Neighbour]


class HaplotypeStream:
    """The carried alleles of a phased VCF, chunk after chunk, to be read once.

    Attributes:
        header: of the VCF (`VcfStream`).
        left_out: {reason: alleles that the windows of others lack}, of the chunks given so far.
    """

    def __init__(
        self, chunks: VcfStream, genome: GenomeStore, rule: Rule, sample: str | None
    ) -> None:
        flanks(Allele(0, 1, "A"), *rule)  # refuses a rule that is none
        self._chunks, self._genome, self._rule = chunks, genome, rule
        self.header, self.left_out = chunks.header, Counter[str]()
        column = find_sample(self.header, sample, chunks.name)
        self._carried = Carrier(genome, column)

    def __iter__(self) -> Iterator[HaplotypeChunk]:
        """Chunks of the VCF, as soon as all that is near them was read.

        Raises:
            InputError: a record that cannot be, or that is not in order; all chunks that need
                nothing of its own chunk were given before.
        """
        near, waiting = list[Neighbour](), deque[_Read]()
        for chunk in self._chunks:
            waiting.append(self._read(chunk))
            while len(waiting) > 1 and self._is_whole(waiting):
                yield self._given(near, waiting)
                near = self._still_near(near + waiting.popleft().neighbours, waiting[0].chunk)
        while waiting:
            yield self._given(near, waiting)
            near = near + waiting.popleft().neighbours

    def _read(self, chunk: Chunk) -> _Read:
        table = self._carried(chunk)
        return _Read(chunk, table, sites_of(table[table["left_out"] == ""]))

    def _given(self, near: list[Neighbour], waiting: Sequence[_Read]) -> HaplotypeChunk:
        first = waiting[0]
        left_out = first.table["left_out"]
        self.left_out.update(left_out[left_out != ""])
        neighbours = [*near, *(site for read in waiting for site in read.neighbours)]
        return HaplotypeChunk(first.chunk, first.table, neighbours, self._genome, self._rule)

    def _is_whole(self, waiting: Sequence[_Read]) -> bool:
        """Whether no record that is still to come reaches into a window of the first chunk."""
        last = waiting[-1].chunk.table.iloc[-1]
        table = waiting[0].table
        here = table[(table["contig"] == last["contig"]) & (table["haplotype"] > 0)]
        neighbours = [site for read in waiting for site in read.neighbours]
        haplotypes = group(self._genome, neighbours)
        return all(
            (haplotypes.get(copy) or Haplotype(self._genome, copy[0])).reach(
                site.end, flanks(site, *self._rule).behind
            )
            <= last["start"]
            for copy, site in sites_of(here[here["reason"] == ""])
        )

    def _still_near(self, neighbours: list[Neighbour], chunk: Chunk) -> list[Neighbour]:
        """Those that windows of a chunk behind them can reach."""
        contig, start = chunk.table[["contig", "start"]].iloc[0]
        need = self._rule.length // 2 + abs(self._rule.shift)
        walked: dict[Copy, tuple[int, int]] = {}
        kept = []
        for copy, allele in reversed(neighbours):
            place, left = walked.get(copy, (start, need))
            left -= max(place - allele.end, 0)
            if copy[0] == contig and left > 0:
                kept.append((copy, allele))
                left -= len(allele.alt) if allele.end <= start else 0
            walked[copy] = min(place, allele.start), left
        return kept[::-1]


def group(genome: GenomeStore, neighbours: Iterable[Neighbour]) -> dict[Copy, Haplotype]:
    """Each haplotype with its alleles."""
    alleles: dict[Copy, list[Allele]] = {}
    for copy, allele in neighbours:
        alleles.setdefault(copy, []).append(allele)
    return {copy: Haplotype(genome, copy[0], own) for copy, own in alleles.items()}


def stream_haplotypes(
    source: str | Path | None,
    genome: GenomeStore,
    length: int,
    *,
    sample: str | None = None,
    size: int = 4096,
    anchor: Anchor = "centre",
    shift: int = 0,
) -> HaplotypeStream:
    """The alleles that a sample carries, with windows of its own haplotypes.

    Two alleles are in cis if their genotypes are phased (`0|1`, or of a single copy) in the same
    phase set, and lie on the same copy. Each allele's windows have all alleles in cis but those
    that overlap its REF; of two that overlap one another, windows of others have the earlier
    record's. Alleles without a sequence, and such with a REF that the genome does not have, are
    in no windows but their own. An allele on both copies has two rows, for its neighbours differ.

    Args:
        source: path of a VCF in order, or None for standard input.
        genome: what the records are places of.
        length: bases a window.
        sample: whose genotypes; needed if there are several.
        size: alleles of the VCF a chunk, carried or not (`stream_vcf`).
        anchor, shift: where windows lie around REF, in the haplotype (`variant_windows`).

    Raises:
        InputError: as `stream_vcf`; no sample or several to choose from; records not in order.
        UnknownNameError: no such sample.
        CoordinateError: a length below 1.
    """
    stream = stream_vcf(source, genome, size=size)
    return HaplotypeStream(stream, genome, Rule(length, anchor, shift), sample)
