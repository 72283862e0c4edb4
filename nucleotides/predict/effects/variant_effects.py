"""What variants do to predictions: each alternate allele against the reference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nucleotides.genome import GenomeStore
from nucleotides.genome.open_genome import open_genome
from nucleotides.predict.effects.score_alleles import AlleleScorer, Reading, Windows, windows_on
from nucleotides.predict.effects.score_variants import Effects, check_scores, score
from nucleotides.predict.variants.check_reference import Mismatch, check_mismatch, check_reference
from nucleotides.predict.variants.read_variants import read_variants
from nucleotides.predict.variants.tell_alleles import Totals

if TYPE_CHECKING:
    from nucleotides.predict.model import Model


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
        effects: the logits behind them, for any score of `score_variants.SCORES`.
    """

    variants: pd.DataFrame
    ref: pd.DataFrame
    alt: pd.DataFrame
    diff: pd.DataFrame
    logit_diff: pd.DataFrame
    notes: list[str]
    effects: Effects

    def score(self, name: str) -> pd.DataFrame:
        """Any score of `SCORES`, float32 (n, tasks).

        Raises:
            UnknownNameError: no such score.
            InputError: one that needs a background, or passes of dropout, without these.
        """
        known = self.effects
        check_scores(
            [name], background=known.background is not None, spread=known.spread is not None
        )
        return pd.DataFrame(score(name, known), self.diff.index, self.diff.columns)


def measure_effects(
    model: Model,
    variants: str | Path | pd.DataFrame,
    genome: GenomeStore | str | Path,
    reading: Reading,
    mismatch: Mismatch = "flag",
    *,
    left_align: bool = False,
) -> VariantEffects:
    """Effects of variants, as `Model.variant_effects` says."""
    check_mismatch(mismatch)
    scorer = AlleleScorer(model, reading)
    if not isinstance(genome, GenomeStore):
        genome = open_genome(genome)
    table = read_variants(variants, genome, left_align=left_align)
    windows = windows_on(genome, model.sequence_length, reading.anchor)
    table, effects = score_table(scorer, table, genome, windows, mismatch)
    tasks = list(model.tasks["task"])
    ref, alt, diff, logit_diff = (
        pd.DataFrame(score(name, effects), table.index, tasks)
        for name in ("ref", "alt", "diff", "logit_diff")
    )
    notes = [*Totals().add(table, genome.contigs).notes(), *scorer.notes]
    return VariantEffects(table, ref, alt, diff, logit_diff, notes, effects)


def score_table(
    scorer: AlleleScorer,
    table: pd.DataFrame,
    genome: GenomeStore,
    windows: Windows,
    mismatch: Mismatch,
) -> tuple[pd.DataFrame, Effects]:
    """The alleles with `matches_reference` and `unknown_bases`, and their effects.

    Raises:
        InputError: `mismatch` is `stop`, and the genome has another REF somewhere.
    """
    table = check_reference(table, genome, mismatch)
    effects, unknown = scorer(table, windows)
    flags = pd.Series(unknown, table.index, dtype="boolean").mask(table["reason"] != "")
    table.insert(list(table).index("reason"), "unknown_bases", flags)
    return table, effects
