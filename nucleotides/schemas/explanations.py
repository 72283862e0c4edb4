"""What each base contributes to predictions."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from nucleotides.schemas.base import Bases
from nucleotides.schemas.choice import Choice
from nucleotides.schemas.example import SEQUENCE

Method = Literal[
    "mutagenesis", "saliency", "input_x_gradient", "integrated_gradients", "deep_lift_shap"
]


class ExplanationRequest(Choice):
    """A sequence and how it is to be explained."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sequence": SEQUENCE,
                    "tasks": ["HepG2.CTCF.ENCFF199YFA"],
                    "method": "input_x_gradient",
                }
            ]
        }
    )

    sequence: Bases
    method: Method = "mutagenesis"
    scale: Literal["probability", "logit"] | None = Field(
        None, description="Of mutagenesis, probability by default; other methods are of logits."
    )

    @model_validator(mode="after")
    def _of_logits(self) -> ExplanationRequest:
        if self.scale == "probability" and self.method != "mutagenesis":
            raise ValueError(f"{self.method} is of logits: scale probability is for mutagenesis")
        return self
