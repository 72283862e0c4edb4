"""Whether the genome has each allele's REF, and what is done where it has not."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.genome.haplotypes import matches_reference
from nucleotides.predict.variants.tell_alleles import ASK_ASSEMBLY, REF_DIFFERS, many

Mismatch = Literal["flag", "skip", "stop"]
"""Of a REF that the genome does not have: score the allele and say so, leave it out, refuse."""


def check_mismatch(mismatch: str) -> None:
    """Refuse a word that is none of `Mismatch`.

    Raises:
        InputError: another word.
    """
    if mismatch not in get_args(Mismatch):
        raise InputError(f"mismatch {mismatch!r}: it is one of {', '.join(get_args(Mismatch))}")


def check_reference(table: pd.DataFrame, genome: GenomeStore, mismatch: Mismatch) -> pd.DataFrame:
    """With `matches_reference`, and with a reason where `mismatch` is `skip` and it is False.

    Raises:
        InputError: `mismatch` is `stop` and the genome has another REF somewhere.
    """
    on = np.flatnonzero((table["contig"] >= 0) & (table["start"] >= 0))
    places = table.iloc[on]
    matches = pd.array([pd.NA] * len(table), "boolean")
    matches[on] = matches_reference(
        genome, places["contig"].to_numpy(), places["start"].to_numpy(), places["ref"].tolist()
    )
    differs = np.asarray(matches.fillna(True)) == 0
    if differs.any() and mismatch == "stop":
        first = table.iloc[int(np.argmax(differs))]
        raise InputError(
            f"{first['chrom']}:{first['pos']} {first['ref']}>{first['alt']}: {REF_DIFFERS}, "
            f"as for {differs.sum():,} of the {many(len(table))} read with it; "
            f"{ASK_ASSEMBLY}"
        )
    reason = table.pop("reason")
    if mismatch == "skip":
        reason = reason.mask(differs & (reason == "").to_numpy(), REF_DIFFERS)
    return table.assign(matches_reference=matches, reason=reason)
