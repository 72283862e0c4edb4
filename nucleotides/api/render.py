"""Answers as JSON, or as Arrow and Parquet for those who ask for many numbers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from fastapi import Request
from numpy.typing import NDArray
from pydantic import BaseModel
from starlette.responses import Response

from nucleotides.api.negotiate import negotiate
from nucleotides.api.predict import Table
from nucleotides.schemas.predictions import OnePrediction, Prediction, Predictions

Values = NDArray[np.float64]
JSON = "application/json"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
TABLES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JSON; or, asked for by the header Accept, a table as an Arrow stream or as "
        "Parquet: columns name, task, prediction (float64), and genome_tail if asked for; the "
        "model's name is `model` of the schema's metadata.",
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
    kind = _kind(request)
    if kind != JSON:
        return Response(_packed(table, model, top, kind), media_type=kind)
    return as_json(Predictions(model=model, predictions=_predictions(table, top)))


def render_one(request: Request, table: Table, model: str, top: int | None) -> Response:
    """As `render`, of a single sequence."""
    if _kind(request) != JSON:
        return render(request, table, model, top)
    (one,) = _predictions(table, top)
    return as_json(OnePrediction.model_construct(model=model, **dict(one)))


def _kind(request: Request) -> str:
    return negotiate(",".join(request.headers.getlist("accept")), (JSON, PARQUET, ARROW))


def _rows(table: Table, top: int | None) -> Iterator[tuple[list[str], Values, Values | None]]:
    """Of each sequence, the tasks to give, in order, their probabilities and their tails."""
    for i, probabilities in enumerate(table.probabilities):
        tails = None if table.tails is None else table.tails[i]
        if top is None:
            yield table.tasks, probabilities, tails
        else:
            best = np.argsort(-probabilities, kind="stable")[:top]
            tasks = [table.tasks[j] for j in best.tolist()]
            yield tasks, probabilities[best], None if tails is None else tails[best]


def _predictions(table: Table, top: int | None) -> list[Prediction]:
    return [
        Prediction.model_construct(
            name=name,
            predictions=_by_task(tasks, probabilities),
            genome_tail=None if tails is None else _by_task(tasks, tails),
        )
        for name, (tasks, probabilities, tails) in zip(table.names, _rows(table, top), strict=True)
    ]


def _by_task(tasks: list[str], values: Values) -> dict[str, float]:
    return dict(zip(tasks, values.tolist(), strict=True))


def _packed(table: Table, model: str, top: int | None, kind: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    tasks, probabilities, tails = zip(*_rows(table, top), strict=True)
    columns = {
        "name": np.repeat(np.array(table.names, object), len(tasks[0])),
        "task": np.concatenate(tasks).astype(object),
        "prediction": np.concatenate(probabilities),
    }
    if table.tails is not None:
        columns["genome_tail"] = np.concatenate(tails)
    made, out = pa.table(columns).replace_schema_metadata({"model": model}), io.BytesIO()
    if kind == PARQUET:
        pq.write_table(made, out)
    else:
        with pa.ipc.new_stream(out, made.schema) as stream:
            stream.write_table(made)
    return out.getvalue()
