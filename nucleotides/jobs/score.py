"""The work of a job of variants: that of `nucleotides variants`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nucleotides.predict.effects.name_columns import name_columns
from nucleotides.predict.effects.score_alleles import AlleleScorer, Reading
from nucleotides.predict.effects.score_variants import check_scores
from nucleotides.predict.effects.write_effects import Job, write_effects
from nucleotides.schemas.jobs import VariantJob

if TYPE_CHECKING:
    from nucleotides.jobs.shelf import Shelf
    from nucleotides.predict import Model


def plan_scoring(model: Model, asked: VariantJob) -> Job:
    """What is to be done, checked before there are any variants.

    Raises:
        InputError, UnknownNameError: tasks, scores or aggregates that there are not.
    """
    columns = name_columns(
        model.tasks,
        Path(f"effects.{asked.format}"),
        tasks=asked.tasks,
        scores=asked.scores,
        aggregates=asked.aggregates,
    )
    reading = Reading(asked.both_strands)
    spread = AlleleScorer(model, reading).finds_spread
    check_scores(columns.scores, background=model.background is not None, spread=spread)
    return Job(columns, reading, asked.mismatch, asked.left_align, asked.skip_bad)


def score(shelf: Shelf, name: str, asked: VariantJob, vcf: Path, out: Path) -> str:
    """Score the alleles of a VCF into a file of the folder `out`; what is to be known of them."""
    model = shelf.model(name)
    job, genome = plan_scoring(model, asked), shelf.reference()
    told = write_effects(model, vcf, genome, out / f"effects.{asked.format}", job)
    return "\n".join(told.notes)
