"""Variant effects: predicted when asked, and precomputed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from nucleotides.schemas.base import Answer, Assembly, Bases, Contig, Place, Request, Word
from nucleotides.schemas.choice import Choice
from nucleotides.schemas.sequence import ASSEMBLY, END, Strand

AGGREGATIONS = {
    "aggregate: avg": "mean",
    "aggregate: avg(abs)": "mean_abs",
    "aggregate: max ref": "max_ref",
    "aggregate: max alt": "max_alt",
    "aggregate: max difference (abs)": "max_abs",
    "aggregate: max increase": "max_increase",
    "aggregate: max decrease": "max_decrease",
}
"""Aggregates over tasks as they are called here, and in a store of effects."""


class VariantRequest(Choice):
    """A variant as a VCF has it: position from 1, indels anchored by the base before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "example", "chrom": "chr20", "pos": 1104061, "ref": "T", "alt": "C"}
            ]
        }
    )

    id: Annotated[str, Field(max_length=300)] = "."
    chrom: Contig
    pos: Annotated[int, Field(ge=1, le=10**12)] = Field(description="1-based first base of REF.")
    ref: Bases
    alt: Bases
    strand: Strand = Field(
        "+",
        description="The strand that `ref` and `alt` are written on. Of `-`, `pos` is still the "
        "lowest position on the forward strand.",
    )
    assembly: Assembly = Field(None, validation_alias=ASSEMBLY)


class Effect(Answer):
    """What a variant does to one task; null where it cannot be said."""

    ref_prediction: float | None = Field(description="Probability with REF.")
    alt_prediction: float | None = Field(description="Probability with ALT.")
    diff: float | None = Field(description="alt_prediction - ref_prediction.")
    logit_diff: float | None = Field(description="Logit with ALT less that with REF.")
    ref_std: float | None = Field(
        description="ref_prediction in standard deviations from the mean over the genome."
    )
    alt_std: float | None = Field(description="The same of alt_prediction.")
    ref_tail: float | None = Field(
        description="The part of the genome's windows that score as high as the one with REF."
    )
    alt_tail: float | None = Field(description="The same of the one with ALT.")


class VariantEffect(Answer):
    """The effect of a variant."""

    model: str = Field(description="The model that predicted.")
    id: str
    predictions: dict[str, Effect]
    matches_reference_genome: bool | None = Field(
        description="Whether the genome has REF there. If not, ALT is put in place of what has "
        "REF's length."
    )
    contains_unknown_bases: bool | None = Field(description="Whether a window has an N.")
    not_scored: str | None = Field(None, description="Why there are no predictions.")


def _of_text(value: object) -> object:
    """A region written as contig:start-end, taken apart; all else as it is."""
    if not isinstance(value, str):
        return value
    contig, _, span = value.rpartition(":")
    start, _, end = span.replace(",", "").partition("-")
    if not contig or not all(part.isascii() and part.isdigit() for part in (start, end)):
        raise ValueError("a region is written contig:start-end, 0-based, half-open")
    return {"chrom": contig, "start": int(start[:20]), "end": int(end[:20])}


class Region(Request):
    """A region of the genome, 0-based, half-open."""

    chrom: Contig
    start: Place
    end: Place = Field(validation_alias=END, description="Behind the last base; or `stop`.")

    @model_validator(mode="after")
    def _in_order(self) -> Region:
        if self.end <= self.start:
            raise ValueError("a region has start < end (0-based, half-open)")
        return self


class RegionRequest(Request):
    """Which precomputed effects."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region": {"chrom": "chr20", "start": 1103961, "end": 1104161},
                    "predicted_feature": "aggregate: max difference (abs)",
                }
            ]
        }
    )

    region: Annotated[Region, BeforeValidator(_of_text)] = Field(
        description="Or as text, contig:start-end, 0-based, half-open too."
    )
    predicted_feature: Word = Field(
        description="A task, or one of " + ", ".join(f"`{name}`" for name in AGGREGATIONS) + "."
    )


class KnownEffect(Answer):
    """The precomputed effect of an allele."""

    id: str
    chrom: str
    pos: int = Field(description="1-based, as in a VCF.")
    ref: str
    alt: str
    value: float | None = Field(description="Difference of probabilities, or the aggregate.")
    task: str | None = Field(None, description="Of an aggregate that is a task's: that task.")


class KnownEffects(Answer):
    """Precomputed effects of the alleles whose REF shares a base with the region."""

    model: str = Field(description="Identity (SHA-256) of the model that they are from.")
    predicted_feature: str
    variants: list[KnownEffect]
