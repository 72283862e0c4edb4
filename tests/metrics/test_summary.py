"""Summaries against pandas, and the shape of metrics.json."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from nucleotides.metrics import ScoreRanks, summarise
from nucleotides.metrics.summary import SUMMARISED, as_metrics_json, by_task

TASKS = pd.DataFrame(
    {
        "task": [f"t{i}" for i in range(8)],
        "assay": ["DNase-seq"] * 3 + ["TF ChIP-seq"] * 4 + [""],
        "target": ["", "", "", "CTCF", "CTCF", "RAD21", "RAD21", ""],
        "biosample": ["K562", "HepG2"] * 4,
    }
)


@pytest.fixture
def table() -> pd.DataFrame:
    generator = torch.Generator().manual_seed(0)
    labels = torch.rand(500, 8, generator=generator) < 0.2
    labels[:, 1] = labels[:, 6] = False  # never positive
    scores = ScoreRanks(8)
    scores.update(torch.randn(500, 8, generator=generator) + labels, labels.to(torch.uint8))
    return by_task(TASKS, scores.compute())


def test_the_table_has_facts_and_metrics(table: pd.DataFrame) -> None:
    assert table["task"].tolist() == TASKS["task"].tolist()
    assert set(TASKS) | set(SUMMARISED) | {"prevalence", "positives", "windows"} == set(table)
    assert table["positives"].dtype == table["windows"].dtype == np.int64
    assert table["positives"][1] == 0
    assert set(table["windows"]) == {500}


def test_one_task_alone() -> None:
    scores = ScoreRanks(1)
    scores.update(torch.tensor([[1.0], [-1.0], [-2.0]]), torch.tensor([[1], [0], [1]]))
    table = by_task(TASKS[:1], scores.compute())
    assert table["auroc"].tolist() == [0.5]
    assert summarise(table)["all"]["auroc"]["median"] == 0.5
    assert as_metrics_json(table, {})["tasks"]["t0"]["positives"] == 2


def check(found: dict[str, Any], rows: pd.DataFrame) -> None:
    scored = rows[rows["positives"] > 0]
    assert (found["n_tasks"], found["n_scored"]) == (len(rows), len(scored))
    for metric in SUMMARISED:
        values = scored[metric].dropna()
        expected = {
            "median": values.median(),
            "q1": values.quantile(0.25),
            "q3": values.quantile(0.75),
            "worst": values.min(),
        }
        assert found[metric].keys() == expected.keys()
        for name, value in expected.items():
            if len(values):
                assert found[metric][name] == pytest.approx(value)
            else:
                assert found[metric][name] is None


def test_summaries_leave_out_tasks_without_positives_and_say_so(table: pd.DataFrame) -> None:
    found = summarise(table)
    assert set(found) == {"all", "by_assay", "by_target"}
    check(found["all"], table)
    assert set(found["by_assay"]) == {"DNase-seq", "TF ChIP-seq"}
    assert set(found["by_target"]) == {"CTCF", "RAD21"}
    for column in ("assay", "target"):
        for name, group in found[f"by_{column}"].items():
            check(group, table[table[column] == name])
    check(summarise(table[1:2])["all"], table[1:2])


def test_metrics_json(table: pd.DataFrame) -> None:
    content = as_metrics_json(table, {"seed": 1})
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert set(content) == {"tasks", "summary", "config"}
    assert content["config"] == {"seed": 1}
    assert content["summary"] == summarise(table)
    assert list(content["tasks"]) == TASKS["task"].tolist()
    expected = {"auroc", "average_precision", "prevalence", "positives"}
    for number, (_, entry) in enumerate(content["tasks"].items()):
        assert expected | {"assay", "target", "biosample"} <= set(entry)
        row = table.iloc[number]
        assert entry["assay"] == row["assay"]
        assert entry["positives"] == row["positives"]
        assert isinstance(entry["positives"], int)
        for name in ("auroc", "average_precision"):
            assert (entry[name] is None) == (row["positives"] == 0)
            if entry[name] is not None:
                assert entry[name] == row[name]
