"""Many tasks in few numbers: median, quartiles and worst, over all, by assay, by target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

SUMMARISED = ("auroc", "average_precision", "lift", "precision", "recall", "mcc")
ERRORS = ("calibration_error", "recalibrated_error")
NUMBERS = (*SUMMARISED, *ERRORS, "prevalence", "positives", "windows", "slope", "offset")
FACTS = ("assay", "target", "biosample")


def by_task(tasks: pd.DataFrame, metrics: Mapping[str, Tensor]) -> pd.DataFrame:
    """The task table with a column a metric; `positives` and `windows` as whole numbers."""
    columns = {name: values.cpu().numpy() for name, values in metrics.items()}
    table = tasks.reset_index(drop=True).assign(**columns)
    return table.astype({"positives": np.int64, "windows": np.int64})


def summarise(table: pd.DataFrame) -> dict[str, Any]:
    """Summary of a table by task: `all`, `by_assay` and `by_target`.

    Each holds n_tasks, n_scored (those with both classes present, the only ones counted in what
    follows) and, for each metric, median, q1, q3 and worst (of errors, the largest).
    """
    return {
        "all": _group(table),
        "by_assay": _groups(table, "assay"),
        "by_target": _groups(table, "target"),
    }


def as_metrics_json(table: pd.DataFrame, config: Mapping[str, Any]) -> dict[str, Any]:
    """The content of metrics.json: tasks, summary, config. Undefined values are null."""
    numbers = [c for c in table.columns if c in NUMBERS]
    facts = [c for c in FACTS if c in table.columns]
    tasks = {
        row["task"]: {**{c: _plain(row[c]) for c in numbers}, **{c: row[c] for c in facts}}
        for row in table.to_dict("records")
    }
    return {"tasks": tasks, "summary": summarise(table), "config": dict(config)}


def _groups(table: pd.DataFrame, column: str) -> dict[str, Any]:
    named = table[table[column] != ""]
    return {str(name): _group(rows) for name, rows in named.groupby(column)}


def _group(table: pd.DataFrame) -> dict[str, Any]:
    scored = table[table["auroc"].notna()]
    out: dict[str, Any] = {"n_tasks": len(table), "n_scored": len(scored)}
    for metric in (*SUMMARISED, *(name for name in ERRORS if name in table)):
        values = scored[metric].dropna().to_numpy()
        if values.size:
            q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75])
            spread = {"median": median, "q1": q1, "q3": q3}
            spread["worst"] = values.max() if metric in ERRORS else values.min()
            out[metric] = {name: float(value) for name, value in spread.items()}
        else:
            out[metric] = dict.fromkeys(("median", "q1", "q3", "worst"))
    return out


def _plain(value: Any) -> float | int | None:
    if isinstance(value, (int, np.integer)):
        return int(value)
    return None if np.isnan(value) else float(value)
