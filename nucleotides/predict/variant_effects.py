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
from nucleotides.genome import GenomeStore
from nucleotides.genome.alphabet import UNKNOWN
from nucleotides.genome.haplotypes import matches_reference, variant_windows
from nucleotides.predict.read_variants import read_variants
from nucleotides.predict.score_pairs import Logits, PairScorer

if TYPE_CHECKING:
    from nucleotides.predict.model import Model

Mismatch = Literal["flag", "skip", "stop"]
"""Of a REF that the genome does not have: score the allele and say so, leave it out, refuse."""

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
    scorer = PairScorer(model, both_strands=both_strands)
    ref, difference, unknown = _scored(scorer, table, genome, batch_size)
    flags = pd.Series(unknown, table.index, dtype="boolean").mask(table["reason"] != "")
    table.insert(table.shape[1] - 1, "unknown_bases", flags)
    return _effects(table, ref, difference, list(model.tasks["task"]), _notes(table, genome))


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
    scorer: PairScorer, table: pd.DataFrame, genome: GenomeStore, batch_size: int
) -> tuple[Logits, Logits, NDArray[np.bool_]]:
    """Logits (n, tasks) of reference windows and differences of the alternate ones' to them.

    NaN where unscored; and whether one of the two has unknown bases (n,).
    """
    shape = (len(table), len(scorer.model.tasks))
    ref, difference = np.full(shape, np.nan), np.full(shape, np.nan)
    unknown = np.zeros(len(table), np.bool_)
    scored = np.flatnonzero(table["reason"] == "")
    for i in range(0, scored.size, batch_size):
        rows = scored[i : i + batch_size]
        windows = _windows(table.iloc[rows], genome, scorer.model.sequence_length)
        unknown[rows] = np.any([codes.max(axis=1) == UNKNOWN for codes in windows], axis=0)
        ref[rows], difference[rows] = scorer(*windows)
    return ref, difference, unknown


def _windows(
    table: pd.DataFrame, genome: GenomeStore, length: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    places = table["contig"].to_numpy(), table["start"].to_numpy()
    return variant_windows(genome, *places, table["ref"].tolist(), table["alt"].tolist(), length)


def _effects(
    table: pd.DataFrame, ref: Logits, difference: Logits, tasks: list[str], notes: list[str]
) -> VariantEffects:
    p_ref, p_alt = expit(ref), expit(ref + difference)
    frames = [
        pd.DataFrame(values.astype(np.float32), table.index, tasks)
        for values in (p_ref, p_alt, p_alt - p_ref, difference)
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
