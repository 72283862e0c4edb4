"""Variants of a VCF or a table as alleles, all at once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.predict.variants.place_alleles import Record, place_alleles
from nucleotides.predict.variants.stream_vcf import stream_vcf

_COLUMNS = ("chrom", "pos", "ref", "alt")


def read_variants(
    variants: str | Path | pd.DataFrame, genome: GenomeStore, *, left_align: bool = False
) -> pd.DataFrame:
    """A row for each alternate allele.

    Args:
        variants: path of a VCF (plain, gzip or bgzip), or a table with columns `chrom`, `pos`
            (1-based), `ref`, `alt` (several parted by commas) and perhaps `id`, as in a VCF.
        genome: what `chrom` and `pos` are places of; 20 and chr20, MT and chrM are the same.
        left_align: whether to write alleles in the normal way (`align_alleles`).

    Returns:
        Rows in the order given, their index that of the table given or numbers from 0. Columns are
        those of `place_alleles` but `record`; what is missing in a table is ".".

    Raises:
        InputError: a file or table that cannot be read; a position that is no number, is negative
            or beyond the contig; letters that are none. The message names the line or row.
    """
    if isinstance(variants, pd.DataFrame):
        table = place_alleles(
            _rows(variants), genome, lambda row: f"row {row}", left_align=left_align
        )
        return table.set_index(variants.index[table.pop("record")])
    tables = [chunk.table for chunk in stream_vcf(Path(variants), genome, left_align=left_align)]
    tables = tables or [place_alleles([], genome, str, left_align=left_align)]
    return pd.concat(tables, ignore_index=True).drop(columns="record")


def _rows(table: pd.DataFrame) -> list[Record]:
    if missing := [column for column in _COLUMNS if column not in table]:
        raise InputError(
            f"the table of variants has no column {', '.join(missing)}: "
            f"it needs {', '.join(_COLUMNS)}, as in a VCF"
        )
    columns = table if "id" in table else table.assign(id=".")
    columns = columns[["chrom", "pos", "id", "ref", "alt"]].astype(object)
    columns = columns.where(columns.notna(), ".")
    rows = columns.itertuples(index=False)
    return [Record(str(chrom), pos, *map(str, texts)) for chrom, pos, *texts in rows]
