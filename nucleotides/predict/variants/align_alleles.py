"""Alleles of a table written in the one normal way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nucleotides.genome import GenomeStore
from nucleotides.genome.haplotypes import matches_reference
from nucleotides.genome.left_align import left_align


def align_alleles(table: pd.DataFrame, genome: GenomeStore) -> pd.DataFrame:
    """The table with `pos`, `start`, `ref`, `alt` normal (`genome.left_align`).

    Those of alleles that cannot be scored, and of records with a REF that the genome does not
    have, stay. Further columns `written_pos`, `written_ref`, `written_alt`: as they were.

    Args:
        table: of `place_alleles`.
        genome: what its places are on.
    """
    written = {f"written_{name}": table[name] for name in ("pos", "ref", "alt")}
    longer = (table["ref"].map(len) > 1) | (table["alt"].map(len) > 1)
    rows = np.flatnonzero(longer.astype(bool) & (table["reason"] == ""))
    if not rows.size:
        return table.assign(**written)
    some = table.iloc[rows]
    places = some["contig"].to_numpy(), some["start"].to_numpy()
    rows = rows[matches_reference(genome, *places, some["ref"].tolist())]
    columns = [table[name].to_numpy(copy=True) for name in ("start", "ref", "alt")]
    contigs = table["contig"].to_numpy()
    for i in rows:
        normal = left_align(genome, contigs[i], *(column[i] for column in columns))
        for column, value in zip(columns, normal, strict=True):
            column[i] = value
    start, ref, alt = columns
    return table.assign(pos=start + 1, start=start, ref=ref, alt=alt, **written)
