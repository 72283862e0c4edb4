"""Precomputed effects of the alleles of a region."""

from __future__ import annotations

import math

import pandas as pd

from nucleotides.api.served import Served
from nucleotides.errors import TooLargeError, UnknownNameError
from nucleotides.predict.effects.tabulate_alleles import TASK_OF
from nucleotides.schemas.variants import AGGREGATIONS, KnownEffect, KnownEffects, RegionRequest


def read_effects(served: Served, asked: RegionRequest) -> KnownEffects:
    """Alleles whose REF shares a base with the region, with the value asked for.

    Raises:
        NotServedError: there is no store.
        UnknownNameError, CoordinateError: as `EffectsStore.region`; or the store lacks the feature.
        TooLargeError: more alleles than the server gives at once.
    """
    store, region, feature = served.store(), asked.region, asked.predicted_feature
    column = AGGREGATIONS.get(feature) or f"{feature}:diff"
    if column not in store.columns:
        known = [*store.tasks, *(k for k, v in AGGREGATIONS.items() if v in store.aggregates)]
        raise UnknownNameError("predicted feature", feature, known)
    n = store.at_most(region.chrom, region.start, region.end)
    if n > served.config.max_variants:
        raise TooLargeError(
            f"about {n:,} alleles: this server gives {served.config.max_variants:,} at once, "
            "ask for a smaller region"
        )
    table = store.region(region.chrom, region.start, region.end, [column])
    return KnownEffects.model_construct(
        model=store.model, predicted_feature=feature, variants=_effects(table, column)
    )


def _effects(table: pd.DataFrame, column: str) -> list[KnownEffect]:
    tasks = table.get(column + TASK_OF)
    names = [None] * len(table) if tasks is None else tasks.tolist()
    facts = (table[name].tolist() for name in ("id", "chrom", "pos", "ref", "alt", column))
    return [
        KnownEffect.model_construct(
            id=name,
            chrom=chrom,
            pos=pos,
            ref=ref,
            alt=alt,
            value=value if math.isfinite(value) else None,
            task=task or None,
        )
        for name, chrom, pos, ref, alt, value, task in zip(*facts, names, strict=True)
    ]
