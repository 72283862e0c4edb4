"""Which alleles a sample's haplotypes carry, and which of them are each other's neighbours."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.genome.haplotypes import matches_reference
from nucleotides.genome.in_cis import Allele
from nucleotides.predict.variants.check_order import OrderCheck
from nucleotides.predict.variants.read_genotypes import read_genotype
from nucleotides.predict.variants.stream_vcf import Chunk

UNPHASED = "its genotype is not phased"
DIFFERS = "the genome has another REF"
OVERLAPS = "an earlier allele of the haplotype overlaps it"

Copy = tuple[int, int, str]
"""One haplotype: contig, number of the copy from 1 (0 is unknown), phase set."""


class Carrier:
    """What one sample carries, chunk by chunk of a VCF that is in order.

    Args:
        genome: what the records are places of.
        column: of the sample, from 0.
    """

    def __init__(self, genome: GenomeStore, column: int) -> None:
        self._genome, self._column = genome, column
        self._ends: dict[Copy, int] = {}
        self._check_order = OrderCheck("haplotypes need")

    def __call__(self, chunk: Chunk) -> pd.DataFrame:
        """A row for each alternate and each haplotype that carries it.

        Returns:
            Rows in the order of records, alternates and haplotypes: the columns of `chunk.table`
            and `allele`, the row in it; `haplotype`, from 1, or 0 where the genotype is not phased
            (then there is one row); `phase_set`, or ""; `left_out`, why the windows of others lack
            the allele, or "".

        Raises:
            InputError: a genotype that is none, or a record that is not in order.
        """
        self._check_order(chunk)
        names = ["allele", "haplotype", "phase_set"]
        rows = pd.DataFrame(list(self._rows(chunk)), columns=names)
        rows = rows.astype({"allele": np.int64, "haplotype": np.int64, "phase_set": str})
        table = chunk.table.iloc[rows["allele"]].reset_index(drop=True)
        table = pd.concat([table, rows], axis=1)
        return table.assign(left_out=pd.Series(self._left_out(table), table.index, dtype=str))

    def _rows(self, chunk: Chunk) -> Iterator[tuple[int, int, str]]:
        firsts = np.searchsorted(chunk.table["record"], np.arange(len(chunk.lines)))
        for i, (first, line) in enumerate(zip(firsts, chunk.lines, strict=True)):
            try:
                genotype = read_genotype(line, self._column)
            except InputError as error:
                raise InputError(f"{chunk.where(i)}: {error}") from None
            for allele, copy in genotype.carried():
                yield int(first) + allele - 1, copy, genotype.phase_set if copy else ""

    def _left_out(self, table: pd.DataFrame) -> NDArray[np.object_]:
        found = np.array(table["reason"], object)
        found[(found == "") & (table["haplotype"] == 0).to_numpy()] = UNPHASED
        rows = np.flatnonzero(found == "")
        some = table.iloc[rows]
        places = some["contig"].to_numpy(), some["start"].to_numpy()
        if rows.size:
            found[rows[~matches_reference(self._genome, *places, some["ref"].tolist())]] = DIFFERS
        for row, (copy, allele) in zip(rows, sites_of(some), strict=True):
            if found[row] == "" and allele.start < self._ends.get(copy, 0):
                found[row] = OVERLAPS
            elif found[row] == "":
                self._ends[copy] = allele.end
        return found


def sites_of(table: pd.DataFrame) -> list[tuple[Copy, Allele]]:
    """Where each row of `Carrier` is, and what it puts there."""
    names = ("contig", "haplotype", "phase_set", "start", "ref", "alt")
    columns = (table[name].tolist() for name in names)
    return [
        ((contig, copy, phase_set), Allele(start, start + len(ref), alt))
        for contig, copy, phase_set, start, ref, alt in zip(*columns, strict=True)
    ]
