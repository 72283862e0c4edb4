"""Long work: what is asked for, and how far it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from nucleotides.schemas.base import (
    EITHER,
    LISTED,
    NAMED,
    NUMBER,
    NUMBER_OR_TEXT,
    TEXT,
    Answer,
    Bases,
    Request,
    Word,
    at_most,
)
from nucleotides.schemas.choice import Choice, ModelName, Names
from nucleotides.schemas.example import SEQUENCE
from nucleotides.schemas.explanations import Method
from nucleotides.schemas.variants import Region

Number = Annotated[float, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[!-=?-~][!-~]{0,99}$")]
"""Of a record of a FASTA: printable ASCII without spaces, and not beginning with >."""
Several = Annotated[
    Annotated[list[Bases], Field(min_length=1, max_length=1000, fail_fast=True), LISTED]
    | Annotated[dict[Name, Bases], Field(min_length=1, max_length=1000), NAMED],
    EITHER,
    at_most(1000),
]
Setting = Annotated[
    Annotated[float, Field(ge=-10_000, le=10_000), NUMBER]
    | Annotated[str, Field(max_length=300), TEXT],
    NUMBER_OR_TEXT,
]
IupacWord = Annotated[str, Field(min_length=1, max_length=100)]
Short = Annotated[list[Annotated[str, Field(pattern=r"^[ -~]{1,150}$")]], Field(max_length=50)]
"""Names that fit into the first line of a request, however they are written there."""
Flag = Annotated[bool, Field(strict=False)]
"""true or false as a query has it, in letters."""
VariantFormat = Literal["vcf.gz", "vcf", "parquet", "h5", "tsv.gz", "tsv"]


def named(sequences: list[str] | dict[str, str]) -> dict[str, str]:
    """Sequences by name; those of a list are called 0, 1, 2..."""
    if isinstance(sequences, dict):
        return sequences
    return {str(i): sequence for i, sequence in enumerate(sequences)}


class ExplanationJob(Choice):
    """Sequences, or regions of the genome, and how they are to be explained."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "regions": [{"chrom": "chr20", "start": 1103561, "end": 1105561}],
                    "tasks": ["HepG2.CTCF.ENCFF199YFA"],
                    "method": "input_x_gradient",
                }
            ]
        }
    )

    sequences: Several | None = Field(None, description="In a list, or by name.")
    regions: (
        Annotated[list[Region], Field(min_length=1, max_length=1000, fail_fast=True), at_most(1000)]
        | None
    ) = Field(
        None, description="Instead of sequences: of one shorter than the window, the window on it."
    )
    method: Method = "mutagenesis"
    scale: Literal["probability", "logit"] = Field(
        "logit", description="Of mutagenesis; other methods are of logits."
    )
    step: Annotated[int, Field(ge=1, le=10**6)] | None = Field(
        None, description="Bases from window to window; a quarter of one by default."
    )
    shown: int = Field(20, ge=1, le=100, description="Sequences on the page.")

    @model_validator(mode="after")
    def _one_of_both(self) -> ExplanationJob:
        if (self.sequences is None) == (self.regions is None):
            raise ValueError("give either sequences or regions")
        return self

    def named(self) -> dict[str, str]:
        """The sequences by name; those of a list are called 0, 1, 2..."""
        return named(self.sequences or {})


class Wish(Request):
    """A term of an objective: what is wanted of some tasks."""

    tasks: Annotated[Names, Field(min_length=1)]
    role: Literal["positive", "negative", "target", "range"] = "positive"
    weight: Number = Field(1.0, gt=0)
    join: Literal["mean", "worst"] = "mean"
    value: Number | None = Field(None, description="Of a target.")
    low: Number | None = Field(None, description="Of a range.")
    high: Number | None = Field(None, description="Of a range.")


class Rules(Request):
    """What holds for every sequence on the way to a design."""

    protected: list[Annotated[list[int], Field(min_length=2, max_length=2)]] | None = Field(
        None, max_length=1000, description="Ranges that stay, 0-based and half-open."
    )
    protect_lower_case: bool | None = Field(None, description="Lower-case letters stay.")
    allowed: Annotated[str, Field(max_length=200_000)] | None = Field(
        None, description="An IUPAC letter for each position."
    )
    gc: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = Field(
        None, description="Lowest and highest share of G and C."
    )
    max_edits: int | None = Field(None, ge=1, description="Bases that may differ from the start.")
    forbidden: Annotated[list[IupacWord], Field(max_length=100)] | None = Field(
        None, description="IUPAC words that occur on neither strand."
    )
    longest_homopolymer: int | None = Field(None, ge=1, le=1000)
    distance_penalty: Number | None = Field(None, ge=0, description="Of edits / length.")


class DesignJob(Request):
    """What sequences are to do, where they begin, and how they are sought."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "positive": ["*CTCF*"],
                    "sequences": {"enhancer": SEQUENCE},
                    "constraints": {"max_edits": 10},
                    "budget": 200,
                }
            ]
        }
    )

    model: ModelName = None
    positive: Names = Field([], description="Tasks, names or patterns, that are to be predicted.")
    negative: Names = Field([], description="Tasks that are not to be.")
    terms: Annotated[list[Wish], Field(fail_fast=True)] = Field(
        [], max_length=100, description="Finer wishes."
    )
    scale: Literal["logit", "quantile", "probability"] = "logit"
    others: Literal["masked", "positive", "negative"] = Field(
        "masked", description="What is wanted of tasks that nothing names."
    )
    others_weight: Number = Field(1.0, gt=0)
    others_join: Literal["mean", "worst"] = "mean"
    constraints: Rules | None = None
    sequences: Several | None = Field(None, description="Starts, in a list or by name.")
    random: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="Instead: so many random starts of the window's length."
    )
    random_gc: Number = Field(0.41, ge=0, le=1, description="Their share of G and C.")
    method: Literal["substitute", "combine", "gradient", "implant", "evolve", "anneal"] = (
        "substitute"
    )
    options: Annotated[dict[Word, Setting], Field(max_length=20), at_most(20)] = Field(
        {}, description="Of the method: numbers, such as population of evolve; names of motifs."
    )
    budget: int = Field(10_000, ge=1, le=1_000_000, description="Forward passes of each design.")
    steps: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Steps of the method for each design, at most."
    )
    copies: int = Field(1, ge=1, le=100, description="Designs of each start.")
    seed: int = Field(0, ge=0, le=2**31 - 1)
    repair: bool = Field(False, description="Change starts that break the constraints.")
    shown: int = Field(10, ge=0, le=100, description="Designs explained on the page.")
    novelty: bool = Field(
        False, description="Tell how much of each design is in the server's genome already."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> DesignJob:
        if (self.sequences is None) == (self.random is None):
            raise ValueError("give either sequences or random")
        for name, value in self.options.items():
            if name == "motifs" or (isinstance(value, str) and name != "names"):
                raise ValueError(f"options.{name} is a number; no file of the server is opened")
        return self

    def named(self) -> dict[str, str]:
        """The starts by name; those of a list are called 0, 1, 2..."""
        return named(self.sequences or {})


class VariantJob(Request):
    """How the alleles of an uploaded VCF are to be scored; as `nucleotides variants`."""

    model: ModelName = None
    format: VariantFormat = Field("vcf.gz", description="Of the result.")
    tasks: Short = Field([], description="Names or patterns; all by default.")
    scores: Short | None = Field(
        None,
        description="By task: diff, logit_diff, log_fold_change, ref, alt, z_score, ref_tail, "
        "alt_tail. By default diff in a VCF of up to 50 tasks; diff, logit_diff, ref and alt in a "
        "table.",
    )
    aggregates: Short | None = Field(
        None,
        description="Over tasks: max_abs, mean_abs, mean, max_increase, max_decrease, max_ref, "
        "max_alt.",
    )
    both_strands: Flag = Field(False, description="Average the logits of both strands.")
    mismatch: Literal["flag", "skip", "stop"] = Field(
        "flag", description="Of a REF that the genome does not have."
    )
    skip_bad: Flag = Field(False, description="Count records that cannot be, and go on.")
    left_align: Flag = Field(False, description="Shift indels left before they are scored.")


class Progress(Answer):
    """How far a job is."""

    doing: str = Field(description="What is done now.")
    done: int
    total: int | None = Field(description="Of how many; null where that is not known.")


class ResultFile(Answer):
    """A file of a result."""

    name: str
    bytes: int


class JobStatus(Answer):
    """What is known of a job."""

    id: str
    kind: Literal["variants", "explanations", "designs"]
    model: str
    state: Literal["arriving", "waiting", "running", "done", "failed", "cancelled"]
    version: int = Field(description="Grows with every change: the id of events.")
    submitted: str = Field(description="When, in UTC, ISO 8601.")
    started: str | None = None
    ended: str | None = None
    progress: Progress
    message: str = Field(description="Why it failed, or what is to be known of the result.")
    files: list[ResultFile] = Field(description="Of the result, once it is there.")


class Designed(Answer):
    """A design."""

    name: str
    sequence: str
    score_before: float
    score: float
    edits: int = Field(description="Bases that differ from the start.")


class Designs(Answer):
    """What came of a design that did not take long."""

    job: JobStatus
    designs: list[Designed]
