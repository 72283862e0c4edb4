"""What is written of each allele: scores by task, and aggregates over tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.predict.effects.score_variants import Effects, score
from nucleotides.predict.effects.summarise_tasks import (
    AGGREGATES,
    Group,
    Summary,
    check_aggregates,
    group_tasks,
    summarise_tasks,
)

DEFAULT_AGGREGATES = ("max_abs", "mean_abs", "max_increase", "max_decrease")


class Aggregated(NamedTuple):
    """An aggregate of a group of tasks: its name, the group's, and the values."""

    name: str
    group: Group
    found: Summary


class Scored(NamedTuple):
    """What is written of n alleles: (n, chosen tasks) by score; aggregates group by group."""

    scores: dict[str, NDArray[np.float32]]
    aggregated: list[Aggregated]


@dataclass(frozen=True)
class Columns:
    """The columns of an output.

    Attributes:
        tasks: the model's table of tasks, all of it.
        chosen: positions in it of the tasks that are written and aggregated.
        scores: names of scores by task.
        aggregates: names of aggregates over the chosen tasks.
        by: columns of `tasks` by whose values they are aggregated too.

    Raises:
        UnknownNameError: an aggregate that nobody knows.
        InputError: tasks that cannot be grouped like this.
    """

    tasks: pd.DataFrame
    chosen: NDArray[np.int64]
    scores: Sequence[str]
    aggregates: Sequence[str] = DEFAULT_AGGREGATES
    by: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_aggregates(self.aggregates)
        assert self.groups

    @cached_property
    def names(self) -> list[str]:
        """Names of the chosen tasks."""
        return [str(name) for name in self.tasks["task"].iloc[self.chosen]]

    @cached_property
    def groups(self) -> list[Group]:
        """Groups of the chosen tasks; `columns` counts among these."""
        return group_tasks(self.tasks.iloc[self.chosen], self.by)

    def scored(self, effects: Effects) -> Scored:
        """All that is written of alleles, of effects on all tasks."""
        chosen = effects.of_tasks(self.chosen)
        sources = (AGGREGATES[name].source for name in self.aggregates)
        values = {name: score(name, chosen) for name in dict.fromkeys([*self.scores, *sources])}
        aggregated = [
            Aggregated(
                name,
                group,
                summarise_tasks(name, values[AGGREGATES[name].source], group.columns),
            )
            for group, name in self.kinds()
        ]
        return Scored({name: values[name] for name in self.scores}, aggregated)

    def kinds(self) -> Iterator[tuple[Group, str]]:
        """Each group with each aggregate, in the order of `Scored.aggregated`."""
        return ((group, name) for group in self.groups for name in self.aggregates)

    def task_of(self, found: Summary, missing: str | None) -> list[str | None]:
        """The name of the task that each allele's aggregate is the value of."""
        assert found.at is not None
        return [self.names[i] if i >= 0 else missing for i in found.at.tolist()]
