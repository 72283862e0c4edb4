"""Variants of a VCF or a table as alleles: a row each, placed on a genome."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.genome.match_contigs import match_contigs
from nucleotides.predict.name_alleles import UNSCORED, name_allele
from nucleotides.predict.read_vcf import Record, read_vcf

_COLUMNS = ("chrom", "pos", "ref", "alt")
_NOWHERE = "the genome has no such contig"
_WHOLE = re.compile("-?[0-9]{1,18}")
_ALLELE = ("number", "id", "chrom", "pos", "ref", "alt", "kind")


def read_variants(variants: str | Path | pd.DataFrame, genome: GenomeStore) -> pd.DataFrame:
    """A row for each alternate allele.

    Args:
        variants: path of a VCF (plain, gzip or bgzip), or a table with columns `chrom`, `pos`
            (1-based), `ref`, `alt` (several parted by commas) and perhaps `id`, as in a VCF.
        genome: what `chrom` and `pos` are places of; 20 and chr20, MT and chrM are the same.

    Returns:
        Rows in the order given, their index that of the table given or numbers from 0. Columns:
        `id`, `chrom`, `pos`, `ref`, `alt` as written, "." where missing; `contig`, its position in
        `genome.contigs` or -1; `start`, 0-based; `kind` (`name_allele`); `reason` why it cannot be
        scored, or "".

    Raises:
        InputError: a file or table that cannot be read; a position that is no number, is negative
            or beyond the contig; letters that are none. The message names the line or row.
    """
    if isinstance(variants, pd.DataFrame):
        records, where = _rows(variants), "row"
    else:
        records, where = read_vcf(Path(variants)), f"{variants} line"
    alleles = [allele for record in records for allele in _alleles(record, where)]
    table = _placed(pd.DataFrame(alleles, columns=_ALLELE), genome)
    _check_places(table, genome, where)
    numbers = table.pop("number").to_numpy(np.int64)
    if isinstance(variants, pd.DataFrame):
        table.index = variants.index[numbers]
    return table


def _rows(table: pd.DataFrame) -> Iterator[Record]:
    if missing := [column for column in _COLUMNS if column not in table]:
        raise InputError(
            f"the table of variants has no column {', '.join(missing)}: "
            f"it needs {', '.join(_COLUMNS)}, as in a VCF"
        )
    columns = table if "id" in table else table.assign(id=".")
    columns = columns[["chrom", "pos", "id", "ref", "alt"]].astype(object)
    columns = columns.where(columns.notna(), ".")
    for number, (chrom, pos, *texts) in enumerate(columns.itertuples(index=False)):
        yield Record(number, str(chrom), pos, *map(str, texts))


def _alleles(record: Record, where: str) -> list[tuple[object, ...]]:
    """Values of `_ALLELE` for each alternate of a record."""
    number, chrom, pos, name, ref, alts = record
    try:
        place = _position(pos)
        return [
            (number, name, chrom, place, ref, alt, name_allele(ref, alt)) for alt in alts.split(",")
        ]
    except InputError as error:
        raise InputError(f"{where} {number}: {error}") from None


def _position(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not _WHOLE.fullmatch(str(value)):
        raise InputError(f"POS {value} is no whole number")
    if (number := int(str(value))) < 0:
        raise InputError(f"POS {number} is negative: VCF counts bases from 1")
    return number


def _placed(table: pd.DataFrame, genome: GenomeStore) -> pd.DataFrame:
    """With `contig`, `start` and `reason`."""
    found = match_contigs(table["chrom"].unique(), genome.contigs)
    contig = table["chrom"].map(found).astype(np.int64)
    kind = table.pop("kind")
    reason = [
        UNSCORED.get(name, "" if where >= 0 else _NOWHERE)
        for name, where in zip(kind, contig, strict=True)
    ]
    start = table["pos"].astype(np.int64) - 1
    return table.assign(contig=contig, start=start, kind=kind, reason=np.array(reason, object))


def _check_places(table: pd.DataFrame, genome: GenomeStore, where: str) -> None:
    """Refuse places beyond a contig; its telomeres, 0 and length + 1, are places of breakends."""
    on = table[table["contig"] >= 0]
    lengths = genome.lengths[on["contig"]]
    telomere = on["kind"].isin(list(UNSCORED)).to_numpy().astype(np.int64)
    ends = on["start"] + on["ref"].map(len).astype(np.int64) - telomere
    wrong = np.flatnonzero((on["start"] + telomere < 0) | (ends > lengths))
    if wrong.size:
        first, length = on.iloc[wrong[0]], lengths[wrong[0]]
        raise InputError(
            f"{where} {first['number']}: POS {first['pos']} with {len(first['ref'])} bases of REF "
            f"is not within {first['chrom']}, which has bases 1 to {length:,} in {genome.path}"
        )
