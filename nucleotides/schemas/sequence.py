"""The bases of a place."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, ConfigDict, Field

from nucleotides.schemas.base import Answer, Assembly, Contig, Place, Request

Strand = Literal["+", "-"]
END = AliasChoices("end", "stop")
ASSEMBLY = AliasChoices("assembly", "reference_genome")


class SequenceRequest(Request):
    """A region of the genome, 0-based, half-open: its bases are start to end - 1."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"chrom": "chr20", "start": 1103961, "end": 1104161, "strand": "+"}]
        }
    )

    chrom: Contig
    start: Place = Field(description="0-based first base.")
    end: Place = Field(validation_alias=END, description="Behind the last base; or `stop`.")
    strand: Strand = Field("+", description="`-` gives the reverse complement.")
    assembly: Assembly = Field(None, validation_alias=ASSEMBLY)
    pad: bool = Field(
        False, description="The contig may end before the region: N for the bases beyond."
    )


class Sequence(Answer):
    """The bases, in capitals."""

    sequence: str
