"""Predictions for sequences and for places of the genome."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from nucleotides.api.depends import Here, InTime
from nucleotides.api.failures import RESPONSES
from nucleotides.api.predict import predict_places, predict_sequences
from nucleotides.api.render import TABLES, render, render_one
from nucleotides.schemas.predictions import (
    OnePrediction,
    PositionReading,
    PositionsReading,
    Predictions,
    SequenceReading,
    SequencesReading,
)

router = APIRouter(tags=["predictions"], responses={**RESPONSES, **TABLES})


@router.post("/predictions_for_sequence", summary="Of a sequence", response_model=OnePrediction)
async def predictions_for_sequence(
    asked: SequenceReading, request: Request, served: Here, in_time: InTime
) -> Response:
    """Probabilities of a sequence, a task each.

    It has the model's window length (`GET /models`) or more, 10,000 letters at most unless the
    server says otherwise. A longer one is read window by window, a step apart, first and last
    included; its probability is the maximum over them, task by task.
    """
    model = served.model(asked.model)
    work = predict_sequences(served, model, {"sequence": asked.sequence}, asked)
    return render_one(request, await in_time(work), model.name, asked.top)


@router.post("/predictions_for_sequences", summary="Of several", response_model=Predictions)
async def predictions_for_sequences(
    asked: SequencesReading, request: Request, served: Here, in_time: InTime
) -> Response:
    """As `/predictions_for_sequence`, of up to 100 sequences, in a list or by name."""
    model = served.model(asked.model)
    work = predict_sequences(served, model, asked.named(), asked)
    return render(request, await in_time(work), model.name, asked.top)


@router.post("/predictions_for_position", summary="Of a position", response_model=OnePrediction)
async def predictions_for_position(
    asked: PositionReading, request: Request, served: Here, in_time: InTime
) -> Response:
    """Probabilities of a position or region of the genome, a task each.

    Coordinates are 0-based, regions half-open. The window of L bases of a position p begins at
    p - L // 2, that of a region not longer than L at (start + end) // 2 - L // 2, with N beyond
    the contig. A longer region is read as a sequence. A window may hang over the ends of the
    contig; a region or position may not.
    """
    model = served.model(asked.model)
    work = predict_places(served, model, [asked], asked)
    return render_one(request, await in_time(work), model.name, asked.top)


@router.post("/predictions_for_positions", summary="Of several", response_model=Predictions)
async def predictions_for_positions(
    asked: PositionsReading, request: Request, served: Here, in_time: InTime
) -> Response:
    """As `/predictions_for_position`, of up to 100 positions or regions."""
    model = served.model(asked.model)
    work = predict_places(served, model, asked.positions, asked)
    return render(request, await in_time(work), model.name, asked.top)
