"""The explorer: a page to ask the model from."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from nucleotides.api.failures import RESPONSES
from nucleotides.api.serve_explorer import page_of_explorer, part_of_explorer

router = APIRouter(tags=["server"], responses={k: RESPONSES[k] for k in (400, 401, 408, 413)})
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "A page."}
}


@router.get("/", summary="The explorer", responses=PAGE, response_class=Response)
async def home() -> Response:
    """A page to ask the model about sequences, regions and variants; needs no key by itself."""
    return page_of_explorer()


@router.get("/explorer/{digest}/{name}", include_in_schema=False)
async def part(digest: str, name: str) -> Response:
    """A script or style sheet of the page."""
    found = part_of_explorer(digest, name)
    if found is None:
        raise HTTPException(404, "Not Found")
    return found
