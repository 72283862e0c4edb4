"""Which of a model's tasks a request means."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.choose_tasks import choose_tasks
from nucleotides.errors import InputError, UnknownNameError
from nucleotides.schemas.choice import Choice

Columns = NDArray[np.int64]
_SHOWN = 3


def choose(choice: Choice, tasks: pd.DataFrame) -> Columns:
    """Positions of the tasks that meet every list of names and patterns given.

    Raises:
        UnknownNameError: a name or pattern of any list that no task has.
        InputError: no task is in all lists.
    """
    if not (choice.tasks or choice.assays or choice.biosamples):
        return np.arange(len(tasks))
    columns = choose_tasks(choice.tasks, tasks["task"].tolist())
    for name, wanted in (("assay", choice.assays), ("biosample", choice.biosamples)):
        if wanted:
            columns = columns[np.isin(columns, _having(name, wanted, tasks))]
    if not len(columns):
        raise InputError(f"no task is in all of what is asked for: {_lists(choice)}")
    return columns


def _having(column: str, wanted: Sequence[str], tasks: pd.DataFrame) -> Columns:
    """Where the tasks are whose assay or biosample is one of those wanted."""
    values = tasks[column].astype(str).tolist() if column in tasks else [""] * len(tasks)
    known = sorted({value for value in values if value})
    for name in wanted:
        if not any(_fits(value, name) for value in known):
            raise UnknownNameError(column, name, known)
    fitting = {value for value in known if any(_fits(value, name) for name in wanted)}
    return np.flatnonzero([value in fitting for value in values])


def _fits(value: str, name: str) -> bool:
    return value == name or fnmatchcase(value, name)


def _lists(choice: Choice) -> str:
    """The lists given, with a few of their names each."""
    lists = {"tasks": choice.tasks, "assays": choice.assays, "biosamples": choice.biosamples}
    return "; ".join(
        f"{kind} {', '.join(names[:_SHOWN])}{', ...' * (len(names) > _SHOWN)}"
        for kind, names in lists.items()
        if names
    )
