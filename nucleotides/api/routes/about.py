"""Whether the server is well, and what it has."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from nucleotides import __version__
from nucleotides.api.depends import Here
from nucleotides.api.draw_pages import page_of_docs
from nucleotides.api.failures import RESPONSES
from nucleotides.schemas.models import Health, Readiness, ServedModel, ServedModels

router = APIRouter(tags=["server"], responses={k: RESPONSES[k] for k in (400, 401, 408, 413)})
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "A page."}
}


@router.get("/docs", summary="All requests, with examples", responses=PAGE, response_class=Response)
async def docs(request: Request) -> Response:
    """A page about every request: fields, limits, an example that works as it is."""
    return page_of_docs(request.app.openapi())


@router.head("/health", include_in_schema=False)
@router.get("/health", summary="Whether the process answers")
async def health() -> Health:
    """Always, while it lives; needs no key."""
    return Health(status="ok", version=__version__)


@router.head("/ready", include_in_schema=False)
@router.get(
    "/ready",
    summary="Whether predictions can be made",
    responses={503: {"model": Readiness, "description": "There is no model."}},
    response_model=Readiness,
)
async def ready(served: Here) -> Response:
    """What can be asked and what is missing; needs no key."""
    working = bool(served.models) and all(m.working for m in served.models.values())
    answer = Readiness(
        ready=working,
        models=list(served.models),
        genome=served.genome is not None,
        precomputed_effects=served.effects is not None,
        jobs=served.jobs is not None,
        missing=served.missing(),
        version=served.config.version,
        refused=served.refused,
    )
    return JSONResponse(answer.model_dump(), 200 if working else 503)


@router.get(
    "/metrics",
    summary="Counts and times, for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Text."}
    },
)
async def metrics(served: Here) -> Response:
    """Requests by route and status, latency, windows that wait, windows a batch, by model."""
    return Response(served.measures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/models", summary="The models")
async def models(served: Here) -> ServedModels:
    """All models, the one first that answers where none is named."""
    return ServedModels(
        models=[
            ServedModel(
                name=one.name,
                identity=one.identity,
                architecture=type(one.model.network).__name__,
                sequence_length=one.model.sequence_length,
                step=one.model._step,
                n_tasks=len(one.model.tasks),
                calibrated=one.model.calibration is not None,
                background=one.model.background is not None,
                engine=one.engine.name,
                batch_size=one.engine.batch_size,
                error=one.engine.error,
                coalesced=one.engine.coalesces,
            )
            for one in served.models.values()
        ]
    )
