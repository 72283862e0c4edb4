"""What is wrong with a request, in a sentence: the same words in the server and in its client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nucleotides.schemas.base import TAGS

_STEPS, _STEP, _SAID = 6, 80, 300


def tell_problem(problem: Mapping[str, Any]) -> str:
    """Where it is, in the request's own names, and what.

    Args:
        problem: one of `pydantic.ValidationError.errors()`.
    """
    steps = [str(step)[:_STEP] for step in problem["loc"] if step not in TAGS]
    said = str(problem["msg"]).removeprefix("Value error, ")[:_SAID]
    place = ".".join(steps[:_STEPS])
    return f"{place}: {said}" if place else said
