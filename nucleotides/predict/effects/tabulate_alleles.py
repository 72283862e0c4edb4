"""Alleles and their scores as rows of a table: an output in parts, TSV, Parquet or HDF5."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nucleotides.predict.effects.choose_columns import Columns, Scored
from nucleotides.predict.effects.score_variants import Effects
from nucleotides.predict.effects.summarise_tasks import Group
from nucleotides.predict.keep_rows import Rows, join_rows, save_rows
from nucleotides.predict.variants.stream_vcf import Chunk

TASK_OF = "_task"
"""Behind the name of an aggregate: the column of the tasks it is the value of."""

_HIDDEN = ("contig", "start", "record", "allele")


class TableOutput:
    """A row an allele: what it is, aggregates over tasks, scores by task.

    Args:
        out: path of the table; its suffix chooses the format (`keep_rows.SUFFIXES`).
        columns: what is written of each allele.
    """

    recipe: Any = None
    by_allele = False

    def __init__(self, out: Path, columns: Columns) -> None:
        self._out, self._columns = out, columns

    def see(self, chunk: Chunk) -> None:
        """Take note of a chunk: of nothing."""

    def write(self, path: Path, _: Chunk, table: pd.DataFrame, effects: Effects) -> None:
        """Write a part: the chunk's rows."""
        scored = self._columns.scored(effects)
        save_rows(path, Rows(self._facts(table, scored), scored.scores))

    def join(self, paths: Sequence[Path]) -> None:
        """Make the table of its parts."""
        join_rows(paths, self._columns.names, self._out)

    def _facts(self, table: pd.DataFrame, scored: Scored) -> pd.DataFrame:
        facts = table.drop(columns=[name for name in _HIDDEN if name in table])
        for name, group, found in scored.aggregated:
            column = name_aggregate(name, group)
            facts[column] = found.values
            if found.at is not None:
                tasks = np.array(self._columns.task_of(found, None), object)
                facts[column + TASK_OF] = pd.Series(tasks, facts.index, dtype=object)
        return facts


def name_aggregate(name: str, group: Group) -> str:
    """What the column of an aggregate is called."""
    return f"{name}[{group.name}]" if group.name else name
