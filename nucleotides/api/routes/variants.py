"""Effects of variants."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nucleotides.api.depends import Here, InTime
from nucleotides.api.failures import RESPONSES
from nucleotides.api.read_effects import read_effects
from nucleotides.api.render import as_json
from nucleotides.api.score_variant import score_variant
from nucleotides.schemas.variants import (
    KnownEffects,
    RegionRequest,
    VariantEffect,
    VariantRequest,
)

router = APIRouter(tags=["variants"], responses=RESPONSES)


@router.post(
    "/variant_effect_prediction", summary="What a variant does", response_model=VariantEffect
)
async def variant_effect_prediction(
    asked: VariantRequest, served: Here, in_time: InTime
) -> Response:
    """Predictions with REF and with ALT, and their difference, a task each.

    The position is that of a VCF, from 1; insertions and deletions are anchored by the base before
    them. Where REF begins at 0-based s, both windows of L bases begin at s + len(REF) // 2 -
    L // 2: the reference's there, and the alternate's in the haplotype in which ALT stands for
    REF. A REF that the genome does not have is flagged, not replaced in silence.
    """
    model = served.model(asked.model)
    return as_json(await in_time(score_variant(served, model, asked)))


@router.post(
    "/variant_effect_prediction_in_region",
    summary="Precomputed effects in a region",
    response_model=KnownEffects,
)
async def variant_effect_prediction_in_region(asked: RegionRequest, served: Here) -> Response:
    """Precomputed effects of the alleles whose REF shares a base with a region.

    The region is 0-based, half-open; positions in the answer are those of a VCF, from 1. The value
    is a task's difference of probabilities, ALT less REF, or an aggregate over tasks; where that
    is one task's value, the answer names the task. 10,000 alleles at most, unless the server says
    otherwise.
    """
    return as_json(await run_in_threadpool(read_effects, served, asked))
