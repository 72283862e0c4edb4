"""The map of the tasks as a table: made, written, read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.analyze.cluster_tasks import cluster_tasks
from nucleotides.analyze.map_tasks import map_tasks
from nucleotides.analyze.similarity import as_distance
from nucleotides.errors import InputError, MismatchError
from nucleotides.files import replacing
from nucleotides.model.checkpoint import task_difference

_COLUMNS = {"task": str, "umap1": float, "umap2": float, "cluster": int, "order": int}


def make_task_map(
    tasks: Sequence[str], similarity: NDArray[np.float32], seed: int = 0
) -> pd.DataFrame:
    """A row a task, in the order given: task, umap1, umap2, cluster, order.

    `cluster` counts from 1 and `order` from 0; sorted by `order`, alike tasks stand together.

    Args:
        tasks: names.
        similarity: (tasks, tasks), of `nucleotides.analyze.similarity`.
        seed: of the map.

    Raises:
        InputError: fewer than 5 tasks.
    """
    distance = as_distance(similarity)
    places = map_tasks(distance, seed)
    clusters = cluster_tasks(distance)
    columns = (
        list(tasks),
        places[:, 0],
        places[:, 1],
        clusters.cluster,
        np.argsort(clusters.order),
    )
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))


def write_task_map(path: Path, table: pd.DataFrame) -> None:
    """Write what `make_task_map` made, tab-separated, atomically.

    Raises:
        OutOfSpaceError: the disk is full; what was at `path` is unchanged.
    """
    with replacing(path) as temporary:
        table[list(_COLUMNS)].to_csv(temporary, sep="\t", index=False, float_format="%.6g")


def read_task_map(path: Path, tasks: Sequence[str]) -> pd.DataFrame:
    """Read it back.

    Args:
        path: the file.
        tasks: those of the model, in their order.

    Raises:
        InputError: there is no map at `path`, or the file is no map.
        MismatchError: it is of other tasks, or has them in another order.
    """
    try:
        table = pd.read_csv(path, sep="\t", dtype=_COLUMNS, keep_default_na=False)
        table = table[list(_COLUMNS)]
    except (OSError, ValueError, KeyError):
        raise InputError(f"{path} is no map of tasks: post-process the model again") from None
    if told := task_difference(list(tasks), table["task"].tolist()):
        raise MismatchError(f"{path} is of other tasks: {told}. Post-process the model again")
    return table
