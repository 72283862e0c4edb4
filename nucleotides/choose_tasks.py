"""Choose some of a model's tasks by name or pattern."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import UnknownNameError


def choose_tasks(wanted: Sequence[str], tasks: Sequence[str]) -> NDArray[np.int64]:
    """Positions in `tasks` of those wanted, in the order asked for, each once; all for none.

    Args:
        wanted: a name, several, or patterns such as `*CTCF*` (* ? [...], case matters) with the
            tasks that they match in the order of `tasks`.
        tasks: names to choose from.

    Raises:
        UnknownNameError: a name that no task has, or a pattern that none matches.
    """
    if not wanted:
        return np.arange(len(tasks))
    wanted = [wanted] if isinstance(wanted, str) else wanted
    found = [position for name in wanted for position in _matching(name, tasks)]
    return np.array(list(dict.fromkeys(found)), np.int64)


def _matching(name: str, tasks: Sequence[str]) -> list[int]:
    """Where the task of this very name is, else where those are that match it as a pattern."""
    places = [i for i, task in enumerate(tasks) if task == name]
    places = places or [i for i, task in enumerate(tasks) if fnmatchcase(task, name)]
    if not places:
        raise UnknownNameError("task", name, tasks)
    return places
