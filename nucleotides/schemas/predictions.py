"""Predictions for sequences and for places of a genome."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue, model_validator

from nucleotides.schemas.base import (
    EITHER,
    LISTED,
    MOST_ITEMS,
    NAMED,
    Answer,
    Assembly,
    Bases,
    Contig,
    Place,
    Request,
    Word,
    at_most,
)
from nucleotides.schemas.choice import Reading
from nucleotides.schemas.example import SEQUENCE
from nucleotides.schemas.sequence import ASSEMBLY, END, Strand

CTCF: list[JsonValue] = ["*CTCF*"]


class SequenceReading(Reading):
    """One sequence."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sequence": SEQUENCE, "tasks": CTCF}]}
    )

    sequence: Bases


class SequencesReading(Reading):
    """Several sequences, in a list or by name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"sequences": {"promoter": SEQUENCE}, "assays": ["DNase-seq"], "top": 3}]
        }
    )

    sequences: Annotated[
        Annotated[list[Bases], Field(min_length=1, max_length=MOST_ITEMS, fail_fast=True), LISTED]
        | Annotated[dict[Word, Bases], Field(min_length=1, max_length=MOST_ITEMS), NAMED],
        EITHER,
        at_most(MOST_ITEMS),
    ]

    def named(self) -> dict[str, str]:
        """The sequences by name; those of a list are called 0, 1, 2..."""
        if isinstance(self.sequences, dict):
            return self.sequences
        return {str(i): sequence for i, sequence in enumerate(self.sequences)}


class Where(Request):
    """A position, or a region, of the genome; 0-based."""

    name: Word | None = Field(None, description="What it is called in the answer.")
    chrom: Contig
    position: Place | None = Field(
        None, description="0-based. The window of L bases begins at position - L // 2."
    )
    start: Place | None = Field(None, description="Instead of `position`: a region's first base.")
    end: Place | None = Field(
        None, validation_alias=END, description="Behind the region's last base; or `stop`."
    )
    strand: Strand = Field("+", description="`-`: its reverse complement is read.")
    assembly: Assembly = Field(None, validation_alias=ASSEMBLY)

    @model_validator(mode="after")
    def _one_of_both(self) -> Where:
        region = (self.start is not None, self.end is not None)
        if any(region) != all(region) or any(region) == (self.position is not None):
            raise ValueError("give either position, or start and end")
        return self

    def region(self) -> tuple[int, int]:
        """First base, and behind the last; a position is a region of one base."""
        if self.position is not None:
            return self.position, self.position + 1
        assert self.start is not None
        assert self.end is not None
        return self.start, self.end

    def label(self) -> str:
        """Its name, or where it is."""
        start, end = self.region()
        return self.name or f"{self.chrom}:{start}-{end}({self.strand})"


class PositionReading(Where, Reading):
    """One position or region."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"chrom": "chr20", "position": 1104061, "top": 5, "genome_tail": True}]
        }
    )


class PositionsReading(Reading):
    """Several positions or regions."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "positions": [
                        {"chrom": "chr20", "position": 1104061, "strand": "-"},
                        {"chrom": "20", "start": 5528000, "end": 5532000, "name": "wider"},
                    ],
                    "tasks": CTCF,
                }
            ]
        }
    )

    positions: Annotated[
        list[Where], Field(min_length=1, max_length=MOST_ITEMS, fail_fast=True), at_most(MOST_ITEMS)
    ]


class Prediction(Answer):
    """What is predicted of one sequence: a probability a task."""

    name: str = Field(description="Of the sequence: as given, its number, or where it is.")
    predictions: dict[str, float] = Field(
        description="Probabilities by task. Of a sequence longer than the window, the maximum over "
        "its windows. With `top`, the highest first."
    )
    genome_tail: dict[str, float] | None = Field(
        None, description="If asked for: the part of the genome that scores as high, by task."
    )


class Predictions(Answer):
    """What is predicted of several sequences, in the order given."""

    model: str = Field(description="The model that predicted.")
    predictions: list[Prediction]


class OnePrediction(Prediction):
    """What is predicted of one sequence."""

    model: str = Field(description="The model that predicted.")
