"""The tasks that an allele changes most, and the alleles that change any most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nucleotides.predict.effects.score_variants import Effects, score

COLUMNS = ("chrom", "pos", "id", "ref", "alt", "task", "p_ref", "p_alt", "diff", "logit_diff")
"""Of the table that `rank_tasks` makes; `chrom` to `alt` as in the VCF."""

_SCORES = ("ref", "alt", "diff", "logit_diff")


def rank_tasks(
    table: pd.DataFrame, effects: Effects, tasks: Sequence[str], most: int
) -> pd.DataFrame:
    """For each allele its `most` tasks with the greatest differences of probabilities, by size.

    Args:
        table: the alleles.
        effects: theirs, on these `tasks`.

    Returns:
        Rows by allele in order, then by size; `COLUMNS` and `allele`, the row of `table`. Alleles
        that were not scored are left out.
    """
    values = [score(name, effects) for name in _SCORES]
    scored = np.flatnonzero(table["reason"] == "")
    order = np.argsort(-np.abs(values[2][scored]), axis=1, kind="stable")[:, :most]
    rows = np.repeat(scored, order.shape[1])
    ranked = table[list(COLUMNS[:5])].iloc[rows].reset_index(drop=True)
    ranked["task"] = np.array(list(tasks), object)[order.ravel()]
    for column, array in zip(COLUMNS[6:], values, strict=True):
        ranked[column] = array[rows, order.ravel()]
    return ranked.assign(allele=rows)


def strongest(ranked: pd.DataFrame, most: int) -> list[list[dict[str, Any]]]:
    """The `most` alleles with the greatest differences of `rank_tasks`: their rows, JSON-plain."""
    by_allele = [rows.drop(columns="allele") for _, rows in ranked.groupby("allele", sort=True)]
    plain = [[_plain(row) for row in rows.to_dict("records")] for rows in by_allele]
    return keep_strongest(plain, most)


def keep_strongest(
    alleles: Sequence[list[dict[str, Any]]], most: int
) -> list[list[dict[str, Any]]]:
    """The `most` alleles whose first row has the greatest difference; of equal ones the first."""
    return sorted(alleles, key=lambda rows: -abs(rows[0]["diff"]))[:most]


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {k: v.item() if isinstance(v, np.generic) else v for k, v in row.items()}
