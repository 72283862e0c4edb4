"""Which bases predictions depend on."""

from __future__ import annotations

import json

from fastapi import APIRouter
from starlette.responses import Response

from nucleotides.api.depends import Here, InTime
from nucleotides.api.explain_sequence import explain_sequence
from nucleotides.api.failures import RESPONSES
from nucleotides.schemas.explanations import ExplanationRequest

router = APIRouter(tags=["explanations"], responses=RESPONSES)


@router.post(
    "/explanations_for_sequence",
    summary="What each base contributes",
    response_model=dict[str, list[float]],
)
async def explanations_for_sequence(
    asked: ExplanationRequest, served: Here, in_time: InTime
) -> Response:
    """A value for each base of a sequence, a task each.

    Of `mutagenesis`, the mean over the three other bases of the prediction with them less the
    prediction as it is: negative where losing the base lowers it. Of other methods, what the base
    contributes to the logit: positive where it raises it. Bases times tasks are limited, to 20,000
    unless the server says otherwise; more is a job, and so is what is seen to take longer than a
    request may.
    """
    model = served.model(asked.model)
    found = await in_time(explain_sequence(served, model, asked))
    return Response(json.dumps(found), media_type="application/json")
