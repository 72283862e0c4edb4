"""Answers as JSON, or as Arrow and Parquet for those who ask for many numbers."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from nucleotides.api.predict import Table
from nucleotides.schemas.predictions import OnePrediction, Prediction, Predictions

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
TABLES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JSON; or, asked for by the header Accept, a table as an Arrow stream or as "
        "Parquet: columns name, task, prediction (float64), and genome_tail if asked for.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in (ARROW, PARQUET)
        },
    }
}


def as_json(answer: BaseModel) -> Response:
    """An answer; numbers with as many digits as tell them apart, what is no number as null."""
    return Response(answer.model_dump_json(), media_type="application/json")


def render(request: Request, table: Table, model: str, top: int | None) -> Response:
    """Predictions in the form that the header Accept asks for."""
    order = _order(table, top)
    accepted = request.headers.get("accept", "")
    for kind in (PARQUET, ARROW):
        if kind in accepted:
            return Response(_packed(table, order, kind), media_type=kind)
    return as_json(Predictions(model=model, predictions=_predictions(table, order)))


def render_one(request: Request, table: Table, model: str, top: int | None) -> Response:
    """As `render`, of a single sequence."""
    accepted = request.headers.get("accept", "")
    if PARQUET in accepted or ARROW in accepted:
        return render(request, table, model, top)
    (one,) = _predictions(table, _order(table, top))
    return as_json(OnePrediction.model_construct(model=model, **dict(one)))


def _order(table: Table, top: int | None) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Of each sequence, the tasks to give, in order: (n, k)."""
    if top is None:
        return np.tile(np.arange(len(table.tasks)), (len(table.names), 1))
    return np.argsort(-table.probabilities, axis=1, kind="stable")[:, :top]


def _predictions(table: Table, order: Any) -> list[Prediction]:
    made = []
    for i, (name, columns) in enumerate(zip(table.names, order, strict=True)):
        tasks = [table.tasks[j] for j in columns.tolist()]
        tails = table.tails
        made.append(
            Prediction.model_construct(
                name=name,
                predictions=_by_task(tasks, table.probabilities[i, columns]),
                genome_tail=None if tails is None else _by_task(tasks, tails[i, columns]),
            )
        )
    return made


def _by_task(tasks: list[str], values: Any) -> dict[str, float]:
    return dict(zip(tasks, values.tolist(), strict=True))


def _packed(table: Table, order: Any, kind: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = np.arange(len(table.names))[:, None]
    columns = {
        "name": np.repeat(np.array(table.names, object), order.shape[1]),
        "task": np.array(table.tasks, object)[order].ravel(),
        "prediction": table.probabilities[rows, order].ravel(),
    }
    if table.tails is not None:
        columns["genome_tail"] = table.tails[rows, order].ravel()
    made, out = pa.table(columns), io.BytesIO()
    if kind == PARQUET:
        pq.write_table(made, out)
    else:
        with pa.ipc.new_stream(out, made.schema) as stream:
            stream.write_table(made)
    return out.getvalue()
