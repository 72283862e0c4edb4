"""The bases of a place."""

from __future__ import annotations

from fastapi import APIRouter

from nucleotides.api.depends import Here
from nucleotides.api.failures import RESPONSES
from nucleotides.api.predict import check_assembly
from nucleotides.api.read_place import read_place
from nucleotides.schemas.sequence import Sequence, SequenceRequest

router = APIRouter(
    tags=["sequence"], responses={k: RESPONSES[k] for k in (400, 401, 408, 413, 422, 503)}
)


@router.post("/sequence", summary="The bases of a region")
async def sequence(asked: SequenceRequest, served: Here) -> Sequence:
    """The bases of a region of the server's genome, 0-based, half-open, in capitals."""
    check_assembly(asked.assembly, served)
    return Sequence(sequence=read_place(served, asked))
