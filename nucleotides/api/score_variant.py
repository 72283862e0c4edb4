"""What a variant does, as the Python API says it, while the model has nothing else to do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from nucleotides.api.choose import Columns, choose
from nucleotides.api.jobs import Job
from nucleotides.api.predict import check_assembly
from nucleotides.api.served import Served, ServedModel
from nucleotides.errors import TooLargeError
from nucleotides.genome import decode, encode, reverse_complement
from nucleotides.predict import VariantEffects
from nucleotides.predict.of_one import of_one
from nucleotides.schemas.variants import Effect, VariantEffect, VariantRequest

_TAILED = ("ref_tail", "alt_tail")


async def score_variant(served: Served, model: ServedModel, asked: VariantRequest) -> VariantEffect:
    """As `Model.variant_effects`, to the bit.

    Raises:
        NotServedError: there is no genome.
        InputError: as `Model.variant_effects`; or another assembly.
        TooLargeError: an allele longer than the window.
    """
    genome = served.reference()
    check_assembly(asked.assembly, served)
    longest = max(len(asked.ref), len(asked.alt))
    if longest > model.model.sequence_length:
        raise TooLargeError(
            f"an allele of {longest:,} bases: the model's window has "
            f"{model.model.sequence_length:,}"
        )
    columns = choose(asked, model.model.tasks)
    ref, alt = (_forward(allele, asked.strand) for allele in (asked.ref, asked.alt))
    row = {"chrom": asked.chrom, "pos": asked.pos, "ref": ref, "alt": alt, "id": asked.id}

    def measure(_: Job[VariantEffects]) -> VariantEffects:
        with of_one():
            return model.model.variant_effects(pd.DataFrame([row]), genome)

    return _told(await model.batcher.call(measure, 2), columns, model, asked)


def _forward(allele: str, strand: str) -> str:
    return allele if strand == "+" else decode(reverse_complement(encode(allele)))


def _told(
    found: VariantEffects, columns: Columns, model: ServedModel, asked: VariantRequest
) -> VariantEffect:
    facts = found.variants.iloc[0]
    tasks = [found.ref.columns[i] for i in columns]
    values = {name: column.tolist() for name, column in _values(found, model, columns).items()}
    none = dict.fromkeys((*_TAILED, "ref_std", "alt_std"))
    effects = {
        task: Effect.model_construct(**none | {name: _number(v[i]) for name, v in values.items()})
        for i, task in enumerate(tasks)
    }
    return VariantEffect.model_construct(
        model=model.name,
        id=asked.id,
        predictions={} if facts["reason"] else effects,
        matches_reference_genome=_flag(facts["matches_reference"]),
        contains_unknown_bases=_flag(facts["unknown_bases"]),
        not_scored=facts["reason"] or None,
    )


def _values(
    found: VariantEffects, model: ServedModel, columns: Columns
) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Scores by their names in the answer, (tasks,) each."""
    tables = {
        "ref_prediction": found.ref,
        "alt_prediction": found.alt,
        "diff": found.diff,
        "logit_diff": found.logit_diff,
    }
    background = model.model.background
    if background is not None:
        tables |= {name: found.score(name) for name in _TAILED}
    values = {name: table.to_numpy()[0].astype(np.float64) for name, table in tables.items()}
    if background is not None:
        for side in ("ref", "alt"):
            values[f"{side}_std"] = background.z_score(values[f"{side}_prediction"])
    return {name: column[columns] for name, column in values.items()}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _flag(value: Any) -> bool | None:
    return None if pd.isna(value) else bool(value)
