"""What the server has."""

from __future__ import annotations

from pydantic import Field

from nucleotides.schemas.base import Answer


class Health(Answer):
    """The process answers."""

    status: str = Field(examples=["ok"])
    version: str = Field(description="Of the package.")


class Readiness(Answer):
    """What can be asked, and what is missing for the rest."""

    ready: bool = Field(description="Whether predictions can be made.")
    models: list[str]
    genome: bool = Field(description="Whether places of a genome can be asked about.")
    precomputed_effects: bool = Field(description="Whether effects in a region can be asked about.")
    jobs: bool = Field(False, description="Whether long work is taken as jobs.")
    missing: list[str] = Field(description="What is missing, and what to do about it.")
    version: str | None = Field(None, description="Name of the deployed version that is served.")
    refused: str | None = Field(
        None, description="Why what is deployed now is not what is served, if that is so."
    )


class ServedModel(Answer):
    """A model that is served."""

    name: str
    identity: str = Field(description="SHA-256 of its weights and tasks.")
    architecture: str
    sequence_length: int = Field(description="Bases of its window.")
    step: int = Field(description="Bases between windows of a longer sequence.")
    n_tasks: int
    calibrated: bool
    background: bool = Field(description="Whether it knows the genome's scores.")
    engine: str = Field(description="What computes, and in which precision.")
    batch_size: int = Field(description="Windows that are read together, at most.")
    error: float = Field(
        description="By how much its probabilities were off float32's when the server started, at "
        "most."
    )
    coalesced: bool = Field(
        description="Whether windows of different requests are read together. If answers are to be "
        "exact, they are where that does not change a bit, which is measured when the server "
        "starts."
    )


class ServedModels(Answer):
    """All models; the first one answers where none is named."""

    models: list[ServedModel]
