"""Kinds of values that several requests have."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

MOST_ITEMS = 10_000
"""Of a list or mapping of a body, whatever a server's MAX_ITEMS is."""
_LETTERS = frozenset("ACGTNacgtn")
_MOST_FIELDS = 100


def at_most(most: int) -> BeforeValidator:
    """What counts a list or mapping before anything looks at its items.

    pydantic reads a mapping as a whole before it counts, and keeps an error for each item that is
    wrong: a million of them take gigabytes.
    """

    def count(value: Any) -> Any:
        if isinstance(value, list | dict) and len(value) > most:
            said = "{actual} at once: {most} are taken at most"
            told = {"actual": f"{len(value):,}", "most": f"{most:,}"}
            raise PydanticCustomError("too_long", said, told)
        return value

    return BeforeValidator(count)


def _list_or_mapping(value: Any) -> str | None:
    return LISTED.tag if isinstance(value, list) else NAMED.tag if isinstance(value, dict) else None


LISTED, NAMED = Tag("(list)"), Tag("(by name)")
EITHER = Discriminator(
    _list_or_mapping,
    "no_list",
    "a list of sequences is wanted, or sequences by name: a single one stands in a list too",
)
"""Sequences in a list or by name: what is wrong is told of that one which is meant."""
NUMBER, TEXT = Tag("(number)"), Tag("(text)")
NUMBER_OR_TEXT = Discriminator(lambda value: (TEXT if isinstance(value, str) else NUMBER).tag)
TAGS = frozenset(one.tag for one in (LISTED, NAMED, NUMBER, TEXT))
"""Steps of an error's place that are no part of the request."""
_SAME = (("end", "stop"), ("assembly", "reference_genome"))


class Request(BaseModel):
    """A body; names that mean nothing are refused, and so is "5" or true for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="wrap")
    @classmethod
    def _few_fields(cls, given: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Each name that means nothing would be an error of its own."""
        if isinstance(given, dict):
            if len(given) > _MOST_FIELDS:
                raise PydanticCustomError("too_long", "this has far more fields than there are")
            for name, other in _SAME:
                if other in given and name in given and name in cls.model_fields:
                    said = "give either {name} or {other}: they are the same"
                    raise PydanticCustomError("twice", said, {"name": name, "other": other})
        return read(given)


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
