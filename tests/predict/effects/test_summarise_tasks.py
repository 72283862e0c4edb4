"""Aggregates over tasks: against plain loops, by group, exchanged alleles, nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.predict.effects.summarise_tasks import (
    AGGREGATES,
    check_aggregates,
    group_tasks,
    summarise_tasks,
)

ALL = np.arange(5)
VALUES = np.random.default_rng(1).normal(size=(40, 5)).astype(np.float32)
TASKS = pd.DataFrame({"task": list("abcde"), "assay": ["x", "y", "x", "", "y"], "biosample": "z"})


@pytest.mark.parametrize("name", AGGREGATES)
@pytest.mark.parametrize("columns", [ALL, np.array([3, 1])])
def test_aggregates_are_what_their_names_say(name: str, columns: np.ndarray) -> None:
    found = summarise_tasks(name, VALUES, columns)
    for i, row in enumerate(VALUES):
        some = {int(c): float(row[c]) for c in columns}
        if name in ("mean", "mean_abs"):
            sizes = [abs(x) if name == "mean_abs" else x for x in some.values()]
            assert found.at is None
            assert found.values[i] == pytest.approx(np.mean(sizes), abs=1e-6)
            continue
        strength = {"max_abs": abs, "max_decrease": lambda x: -x}.get(name, lambda x: x)
        task, value = max(some.items(), key=lambda item: strength(item[1]))
        assert found.at is not None
        if strength(value) <= 0:
            assert found.at[i] == -1
            assert name in ("max_ref", "max_alt") or found.values[i] == 0
        else:
            assert (found.at[i], found.values[i]) == (task, np.float32(value))


def test_exchanged_alleles() -> None:
    there, back = (
        {name: summarise_tasks(name, values, ALL) for name in AGGREGATES}
        for values in (VALUES, -VALUES)
    )
    for name in ("max_abs", "mean"):
        np.testing.assert_array_equal(there[name].values, -back[name].values)
    np.testing.assert_array_equal(there["max_increase"].values, -back["max_decrease"].values)
    np.testing.assert_array_equal(there["max_increase"].at, back["max_decrease"].at)
    np.testing.assert_array_equal(there["mean_abs"].values, back["mean_abs"].values)


def test_nothing_changed_and_nothing_scored() -> None:
    values = np.stack([np.zeros(5), np.full(5, np.nan)]).astype(np.float32)
    for name in AGGREGATES:
        found = summarise_tasks(name, values, ALL)
        assert found.values[0] == 0
        assert np.isnan(found.values[1])
        assert found.at is None or found.at.tolist() == [-1, -1]


def test_groups_in_order_of_appearance_without_the_nameless() -> None:
    groups = {group.name: group.columns.tolist() for group in group_tasks(TASKS, ["assay"])}
    assert groups == {"": [0, 1, 2, 3, 4], "assay=x": [0, 2], "assay=y": [1, 4]}
    with pytest.raises(InputError, match="no such column"):
        group_tasks(TASKS[["task"]], ["assay"])
    with pytest.raises(InputError, match="choose of assay, biosample"):
        group_tasks(TASKS, ["task"])


def test_an_unknown_aggregate() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'max_abs'"):
        check_aggregates(["mean", "max_abss"])
