"""What an allele does to many tasks, in a number: aggregates over all, by assay or by biosample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.predict.effects.score_variants import take_columns

Values = NDArray[np.float32]


class Aggregate(NamedTuple):
    """An aggregate over tasks: in words, and from which of `diff`, `ref` and `alt` it is made.

    Attributes:
        says: what it is.
        source: the score it is made from.
        strength: what is greatest at the task that it is the value of; None for a mean.
        signed: whether only a strength above 0 counts.
    """

    says: str
    source: str
    strength: Callable[[Values], Values] | None
    signed: bool = False


AGGREGATES: dict[str, Aggregate] = {
    "max_abs": Aggregate("difference of probabilities that is greatest by size", "diff", np.abs),
    "mean_abs": Aggregate("mean size of the differences of probabilities", "diff", None),
    "mean": Aggregate("mean of the differences of probabilities", "diff", None),
    "max_increase": Aggregate(
        "greatest increase of a probability, 0 if none increases", "diff", np.positive, signed=True
    ),
    "max_decrease": Aggregate(
        "greatest decrease of a probability, 0 if none decreases", "diff", np.negative, signed=True
    ),
    "max_ref": Aggregate("greatest probability with REF", "ref", np.positive),
    "max_alt": Aggregate("greatest probability with ALT", "alt", np.positive),
}
"""Aggregates by name. `max_abs` keeps the sign of the difference."""

GROUPS = ("assay", "biosample")
"""Columns of the table of tasks by which tasks may be grouped."""


class Group(NamedTuple):
    """Tasks that are summarised together: "" for all, else such as `assay=DNase-seq`."""

    name: str
    columns: NDArray[np.int64]


class Summary(NamedTuple):
    """An aggregate of n alleles: float32 (n,), NaN where unscored.

    `at` is the position of the task that has it, (n,), -1 for none; None for a mean.
    """

    values: Values
    at: NDArray[np.int64] | None


def check_aggregates(names: Sequence[str]) -> None:
    """Refuse aggregates that nobody knows.

    Raises:
        UnknownNameError: no such aggregate; the nearest is named.
    """
    for name in names:
        if name not in AGGREGATES:
            raise UnknownNameError("aggregate", name, AGGREGATES)


def group_tasks(tasks: pd.DataFrame, by: Sequence[str]) -> list[Group]:
    """All tasks, then those of each value of the columns `by`, in order of first appearance.

    Tasks without a value there are in no group.

    Raises:
        InputError: no such column.
    """
    groups = [Group("", np.arange(len(tasks)))]
    for column in by:
        if column not in GROUPS or column not in tasks:
            raise InputError(
                f"tasks cannot be grouped by {column!r}: "
                + (
                    "the model's table of tasks has no such column"
                    if column in GROUPS
                    else f"choose of {', '.join(GROUPS)}"
                )
            )
        named = tasks[column].fillna("").astype(str).to_numpy()
        groups += [
            Group(f"{column}={value}", np.flatnonzero(named == value))
            for value in dict.fromkeys(named.tolist())
            if value
        ]
    return groups


def summarise_tasks(name: str, values: Values, columns: NDArray[np.int64]) -> Summary:
    """One aggregate over the tasks `columns`.

    Args:
        name: of `AGGREGATES`.
        values: (n, tasks) of the score that the aggregate is made from.
        columns: positions of the tasks, at least one.
    """
    aggregate, chosen = AGGREGATES[name], take_columns(values, columns)
    if aggregate.strength is None:
        sizes = np.abs(chosen) if name == "mean_abs" else chosen
        return Summary(sizes.mean(axis=1, dtype=np.float64).astype(np.float32), None)
    strength = aggregate.strength(chosen)
    best = strength.argmax(axis=1)
    rows = np.arange(len(chosen))
    found, at = chosen[rows, best], columns[best]
    none = np.isnan(found) | (strength[rows, best] <= 0)
    if aggregate.signed:
        found = np.where(none & ~np.isnan(found), np.float32(0), found)
    return Summary(found, np.where(none, -1, at))
