"""The predicted features: a model's tasks."""

from __future__ import annotations

from pydantic import Field

from nucleotides.schemas.base import Answer


class FeatureDescription(Answer):
    """A task; what is not known of it is null."""

    name: str
    assay: str | None = None
    experiment_target: str | None = Field(None, description="The protein or histone mark.")
    biosample_type: str | None = None
    biosample_term_name: str | None = None
    umap1: float | None = Field(None, description="Place in the map of tasks by their labels.")
    umap2: float | None = None
    mean_prediction: float | None = Field(None, description="Over windows of the genome.")
    std_prediction: float | None = None
