"""Which tasks, which model: what most requests may say."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nucleotides.schemas.base import Request, Word

Names = Annotated[list[Word], Field(max_length=1000)]
ModelName = Annotated[
    str | None,
    Field(
        max_length=300, description="Of several models, which (`GET /models`). Default: the first."
    ),
]


class Choice(Request):
    """The model, and which of its tasks: those that meet every list given."""

    model: ModelName = None
    tasks: Names = Field(
        [], description="Names, or patterns such as `*CTCF*` (* ? [...]), in this order."
    )
    assays: Names = Field([], description="Names or patterns of assays, such as `DNase-seq`.")
    biosamples: Names = Field([], description="Names or patterns of biosamples.")


class Reading(Choice):
    """How predictions are to be given."""

    top: int | None = Field(
        None, ge=1, le=100_000, description="Of each sequence, so many highest predictions only."
    )
    recalibrated: bool = Field(
        False,
        description="Probabilities that agree with frequencies on the validation part of the "
        "genome, if the model has a calibration.",
    )
    genome_tail: bool = Field(
        False,
        description="Also the part of the genome's windows that score as high or higher: 0.001 is "
        "the top 0.1 %; if the model knows its background.",
    )
