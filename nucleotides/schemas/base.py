"""Kinds of values that several requests have."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_LETTERS = frozenset("ACGTNacgtn")


class Request(BaseModel):
    """A body; names that mean nothing are refused, and so is "5" or true for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Answer(BaseModel):
    """What is answered; a client takes no notice of what later servers add."""

    model_config = ConfigDict(frozen=True)


def _only_bases(text: str) -> str:
    if not _LETTERS.issuperset(text):
        at = next(i for i, letter in enumerate(text) if letter not in _LETTERS)
        raise ValueError(f"character {text[at]!r} at position {at} is none of A C G T N")
    return text


Bases = Annotated[
    str,
    Field(
        min_length=1,
        description="Letters A C G T, N where unknown, in any case.",
        json_schema_extra={"pattern": "^[ACGTNacgtn]+$"},
    ),
    AfterValidator(_only_bases),
]
Word = Annotated[str, Field(min_length=1, max_length=300)]
Contig = Annotated[
    str,
    Field(min_length=1, max_length=300, description="20 and chr20, MT and chrM are the same."),
]
Place = Annotated[int, Field(ge=0, le=10**12)]
Assembly = Annotated[
    str | None,
    Field(
        max_length=100,
        description="If given, that of the server's genome; hg38 is GRCh38, GRCh37 is hg19.",
    ),
]
