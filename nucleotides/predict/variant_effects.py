"""What variants do to predictions: each alternate allele against the reference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore, reverse_complement
from nucleotides.genome.alphabet import UNKNOWN
from nucleotides.genome.haplotypes import matches_reference, variant_windows
from nucleotides.predict.read_variants import read_variants

if TYPE_CHECKING:
    from nucleotides.predict.model import Model

Mismatch = Literal["flag", "skip", "stop"]
"""Of a REF that the genome does not have: score the allele and say so, leave it out, refuse."""

Logits = NDArray[np.float64]
_DIFFERS = "the genome has another REF"


@dataclass(frozen=True)
class VariantEffects:
    """Effects of n alleles on all tasks. All tables have the same rows and index.

    Attributes:
        variants: the alleles (`read_variants`), with `matches_reference`: whether the genome has
            REF there, missing where the contig is unknown; `unknown_bases`: whether a window has
            an N, of the genome's or of ALT, missing where unscored; `reason`: why unscored, or "".
        ref, alt: probabilities of the reference and the alternate window, float32 (n, tasks).
        diff: alt - ref of probabilities.
        logit_diff: alt - ref of logits, the logarithm of the odds ratio.
            Rows of alleles that cannot be scored are NaN in these four.
        notes: sentences that say what was unscored, what differs, and contigs by another name.
    """

    variants: pd.DataFrame
    ref: pd.DataFrame
    alt: pd.DataFrame
    diff: pd.DataFrame
    logit_diff: pd.DataFrame
    notes: list[str]


def measure_effects(
    model: Model,
    variants: str | Path | pd.DataFrame,
    genome: GenomeStore | str | Path,
    *,
    both_strands: bool = False,
    batch_size: int = 256,
    mismatch: Mismatch = "flag",
) -> VariantEffects:
    """Effects of variants, as `Model.variant_effects` says."""
    if batch_size < 1 or mismatch not in get_args(Mismatch):
        raise InputError(
            f"batch_size {batch_size} and mismatch {mismatch!r}: the first is 1 or more, "
            f"the second one of {', '.join(get_args(Mismatch))}"
        )
    if not isinstance(genome, GenomeStore):
        genome = GenomeStore.open(genome)
    table = _checked(read_variants(variants, genome), genome, mismatch)
    ref, alt, unknown = _scored(model, table, genome, both_strands, batch_size)
    flags = pd.Series(unknown, table.index, dtype="boolean").mask(table["reason"] != "")
    table.insert(table.shape[1] - 1, "unknown_bases", flags)
    return _effects(table, ref, alt, list(model.tasks["task"]), _notes(table, genome))


def _checked(table: pd.DataFrame, genome: GenomeStore, mismatch: Mismatch) -> pd.DataFrame:
    """With `matches_reference`, and what `mismatch` says done where it is False."""
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
            f"{first['chrom']}:{first['pos']} {first['ref']}>{first['alt']}: {_DIFFERS}, "
            f"in all for {_many(differs.sum())} of {len(table):,}; are they of this assembly?"
        )
    reason = table.pop("reason")
    if mismatch == "skip":
        reason = reason.mask(differs & (reason == "").to_numpy(), _DIFFERS)
    return table.assign(matches_reference=matches, reason=reason)


def _scored(
    model: Model, table: pd.DataFrame, genome: GenomeStore, both_strands: bool, batch_size: int
) -> tuple[Logits, Logits, NDArray[np.bool_]]:
    """Logits (n, tasks) of both windows, NaN where unscored; whether one has unknown bases (n,)."""
    ref, alt = (np.full((len(table), len(model.tasks)), np.nan) for _ in range(2))
    unknown = np.zeros(len(table), np.bool_)
    scored = np.flatnonzero(table["reason"] == "")
    for i in range(0, scored.size, batch_size):
        rows = scored[i : i + batch_size]
        windows = _windows(table.iloc[rows], genome, model.sequence_length)
        unknown[rows] = np.any([codes.max(axis=1) == UNKNOWN for codes in windows], axis=0)
        ref[rows], alt[rows] = _pair(model, *windows, both_strands)
    return ref, alt, unknown


def _windows(
    table: pd.DataFrame, genome: GenomeStore, length: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    places = table["contig"].to_numpy(), table["start"].to_numpy()
    return variant_windows(genome, *places, table["ref"].tolist(), table["alt"].tolist(), length)


def _pair(
    model: Model, ref: NDArray[np.uint8], alt: NDArray[np.uint8], both_strands: bool
) -> tuple[Logits, Logits]:
    """Logits (n, tasks) of reference and alternate windows.

    Both are whole batches: a window's logits may depend, in their last bits, on its place in one,
    so that an allele that changes nothing is given those of the reference.
    """
    z_ref, z_alt = (_logits(model, codes, both_strands) for codes in (ref, alt))
    changed = (ref != alt).any(axis=1, keepdims=True)
    return z_ref, np.where(changed, z_alt, z_ref)


def _logits(model: Model, codes: NDArray[np.uint8], both_strands: bool) -> Logits:
    forward = model._scores(codes, recalibrated=False)
    if not both_strands:
        return forward
    return (forward + model._scores(reverse_complement(codes), recalibrated=False)) / 2


def _effects(
    table: pd.DataFrame, ref: Logits, alt: Logits, tasks: list[str], notes: list[str]
) -> VariantEffects:
    p_ref, p_alt = (expit(z) for z in (ref, alt))
    frames = [
        pd.DataFrame(values.astype(np.float32), table.index, tasks)
        for values in (p_ref, p_alt, p_alt - p_ref, alt - ref)
    ]
    return VariantEffects(table, frames[0], frames[1], frames[2], frames[3], notes)


def _notes(table: pd.DataFrame, genome: GenomeStore) -> list[str]:
    """What a reader of the numbers must know of the alleles."""
    names = np.array([*genome.contigs, ""], object)[table["contig"]]
    other = table.loc[(table["contig"] >= 0).to_numpy() & (table["chrom"] != names).to_numpy()]
    wrong = int((table["matches_reference"] == False).sum())  # noqa: E712  (missing is not False)
    unscored = table.loc[table["reason"] != "", "reason"].value_counts()
    notes = [
        f"{chrom} is read as {list(genome.contigs)[rows['contig'].iloc[0]]}: {_many(len(rows))}"
        for chrom, rows in other.groupby("chrom", sort=False)
    ]
    notes += [f"{_many(n)} not scored: {reason}" for reason, n in unscored.items()]
    if wrong:
        notes.append(f"{_many(wrong)} with a REF that the genome does not have")
    if n := int(table["unknown_bases"].sum()):
        notes.append(f"{_many(n)} scored on windows with unknown bases (N)")
    return notes


def _many(n: int) -> str:
    return f"{n:,} allele{'' if n == 1 else 's'}"
