"""The predicted features: a model's tasks."""

from __future__ import annotations

import math
from typing import Any

from fastapi import APIRouter

from nucleotides.api.depends import NamedModel
from nucleotides.api.failures import RESPONSES
from nucleotides.schemas.features import FeatureDescription
from nucleotides.schemas.variants import AGGREGATIONS

router = APIRouter(
    tags=["tasks"], responses={k: RESPONSES[k] for k in (400, 401, 408, 413, 422, 503)}
)
_COLUMNS = {
    "assay": "assay",
    "experiment_target": "target",
    "biosample_type": "biosample_type",
    "biosample_term_name": "biosample",
    "umap1": "umap1",
    "umap2": "umap2",
    "mean_prediction": "mean_prediction",
    "std_prediction": "std_prediction",
}


@router.get("/predicted_features", summary="Names of the tasks")
async def predicted_features(
    model: NamedModel, include_aggregation_options: bool = False
) -> list[str]:
    """Names of the tasks, in the model's order.

    With `include_aggregation_options`, before them the aggregates over tasks that
    `/variant_effect_prediction_in_region` knows.
    """
    names = model.tasks
    return [*AGGREGATIONS, *names] if include_aggregation_options else names


@router.get("/predicted_features_description", summary="What is known of the tasks")
async def predicted_features_description(model: NamedModel) -> list[FeatureDescription]:
    """A row a task: assay, target, biosample, place in the map of tasks, mean prediction over the
    genome and its standard deviation; null where it is not known."""
    table = model.model.tasks
    return [
        FeatureDescription(
            name=row["task"],
            **{field: _known(row.get(column)) for field, column in _COLUMNS.items()},
        )
        for row in table.to_dict("records")
    ]


def _known(value: Any) -> Any:
    """A value, or None for an empty word or a missing number."""
    missing = value == "" or (isinstance(value, float) and not math.isfinite(value))
    return None if missing else value
