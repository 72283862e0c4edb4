"""Records as alleles: a row each, placed on a genome."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.genome.match_contigs import match_contigs
from nucleotides.predict.variants.align_alleles import align_alleles
from nucleotides.predict.variants.name_alleles import UNSCORED, name_allele
from nucleotides.predict.variants.tell_alleles import NO_CONTIG

_WHOLE = re.compile("-?[0-9]{1,18}")
_ALLELE = ("record", "id", "chrom", "pos", "ref", "alt", "kind")
_WORDS = ("id", "chrom", "ref", "alt", "kind")
_COLUMNS = ["id", "chrom", "pos", "ref", "alt", "contig", "start", "kind", "reason", "record"]


class Record(NamedTuple):
    """The first columns of a VCF, as written."""

    chrom: str
    pos: object
    id: str
    ref: str
    alt: str


def place_alleles(
    records: Sequence[Record],
    genome: GenomeStore,
    where: Callable[[int], str],
    *,
    left_align: bool = False,
) -> pd.DataFrame:
    """A row for each alternate allele of each record.

    Args:
        records: as written, positions from 1.
        genome: what `chrom` and `pos` are places of; 20 and chr20, MT and chrM are the same.
        where: how a message calls the record of a number.
        left_align: whether to write alleles in the normal way (`align_alleles`).

    Returns:
        Rows from 0 on with columns `id`, `chrom`, `pos`, `ref`, `alt` as written; `contig`, its
        position in `genome.contigs` or -1; `start`, 0-based; `kind` (`name_allele`); `reason` why
        it cannot be scored, or ""; `record`, its place in `records`.

    Raises:
        InputError: a position that is no number, is negative or beyond the contig; letters that
            are none.
    """
    rows = [allele for i, record in enumerate(records) for allele in _alleles(i, record, where)]
    values = zip(*rows, strict=True) if rows else [()] * len(_ALLELE)
    table = pd.DataFrame(dict(zip(_ALLELE, map(list, values), strict=True)))
    if table.empty:
        table = table.astype({"record": np.int64, "pos": np.int64, **dict.fromkeys(_WORDS, str)})
    pos = table["pos"].astype(np.int64)
    found = match_contigs(table["chrom"].unique(), genome.contigs)
    contig = table["chrom"].map(found).astype(np.int64)
    reason = table["kind"].map(lambda kind: UNSCORED.get(kind, ""))
    reason = reason.mask((reason == "") & (contig < 0), NO_CONTIG)
    table = table.assign(pos=pos, contig=contig, start=pos - 1, reason=reason)[_COLUMNS]
    _check_places(table, genome, where)
    return align_alleles(table, genome) if left_align else table


def _alleles(number: int, record: Record, where: Callable[[int], str]) -> list[tuple[object, ...]]:
    """Values of `_ALLELE` for each alternate of a record."""
    chrom, pos, name, ref, alts = record
    try:
        place = _position(pos)
        return [
            (number, name, chrom, place, ref, alt, name_allele(ref, alt)) for alt in alts.split(",")
        ]
    except InputError as error:
        raise InputError(f"{where(number)}: {error}") from None


def _position(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not _WHOLE.fullmatch(str(value)):
        raise InputError(f"POS {value} is no whole number")
    if (number := int(str(value))) < 0:
        raise InputError(f"POS {number} is negative: VCF counts bases from 1")
    return number


def _check_places(table: pd.DataFrame, genome: GenomeStore, where: Callable[[int], str]) -> None:
    """Refuse places beyond a contig; its telomeres, 0 and length + 1, are places of breakends."""
    on = table[table["contig"] >= 0]
    lengths = genome.lengths[on["contig"]]
    telomere = on["kind"].isin(list(UNSCORED)).to_numpy().astype(np.int64)
    ends = on["start"] + on["ref"].map(len).astype(np.int64) - telomere
    wrong = np.flatnonzero((on["start"] + telomere < 0) | (ends > lengths))
    if wrong.size:
        first, length = on.iloc[wrong[0]], lengths[wrong[0]]
        raise InputError(
            f"{where(first['record'])}: POS {first['pos']} with {len(first['ref'])} bases of REF "
            f"is not within {first['chrom']}, which has bases 1 to {length:,} in {genome.path}"
        )
