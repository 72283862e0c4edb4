"""Which tasks to show, by rules that the report states, and how to name them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nucleotides.analyze.report.evaluation import text

WELL_KNOWN = (
    "CTCF",
    "DNase-seq",
    "ATAC-seq",
    "H3K27ac",
    "H3K4me3",
    "H3K4me1",
    "H3K36me3",
    "H3K27me3",
    "POLR2A",
)


@dataclass(frozen=True)
class Pick:
    """A task to show: its row in the task table, and why it was chosen."""

    task: int
    role: str


def ranked(tasks: pd.DataFrame) -> list[int]:
    """Rows of the tasks that have an AUROC, the best first."""
    auroc = tasks["auroc"].to_numpy(dtype=float)
    order = np.argsort(-auroc, kind="stable")
    return [int(row) for row in order if np.isfinite(auroc[row])]


def best_median_worst(order: list[int]) -> list[Pick]:
    """The best, median and worst of rows ranked by `ranked`, each at most once.

    The median of an even number is the better of the middle two.
    """
    if len(order) < 2:
        return [Pick(row, "") for row in order]
    picks = [Pick(order[0], "best"), Pick(order[-1], "worst")]
    if len(order) > 2:
        picks.insert(1, Pick(order[(len(order) - 1) // 2], "median"))
    return picks


def by_assay(tasks: pd.DataFrame) -> dict[str, list[int]]:
    """Rows of each assay: assays by number of tasks, rows best first, unscored last."""
    order = ranked(tasks)
    scored = set(order)
    order += [row for row in range(len(tasks)) if row not in scored]
    assays = text(tasks, "assay")
    groups: dict[str, list[int]] = {name: [] for name, _ in Counter(assays).most_common()}
    for row in order:
        groups[assays[row]].append(row)
    return groups


def for_curves(tasks: pd.DataFrame, most: int = 4) -> dict[str, list[Pick]]:
    """Best, median and worst scored task of the assays with most tasks."""
    scored = set(ranked(tasks))
    chosen: dict[str, list[Pick]] = {}
    for assay, rows in by_assay(tasks).items():
        picks = best_median_worst([row for row in rows if row in scored])
        if picks and len(chosen) < most:
            chosen[assay] = picks
    return chosen


def for_tracks(tasks: pd.DataFrame, fewest: int = 6, most: int = 10) -> list[Pick]:
    """Best, median and worst overall, then the median task of each well-known target.

    Filled up to `fewest` with tasks evenly spaced in rank; in the order of `by_assay`.
    """
    order = ranked(tasks)
    picks = {pick.task: pick for pick in best_median_worst(order)}
    subject = subjects(tasks)
    for name in WELL_KNOWN:
        rows = [row for row in order if subject[row] == name]
        if rows and len(picks) < most:
            row = rows[(len(rows) - 1) // 2]
            picks.setdefault(row, Pick(row, ""))
    for at in np.linspace(0, len(order) - 1, min(fewest, len(order))).astype(int):
        if len(picks) >= min(fewest, len(order)):
            break
        picks.setdefault(order[at], Pick(order[at], ""))
    place = {row: i for i, row in enumerate(r for rows in by_assay(tasks).values() for r in rows)}
    return sorted(picks.values(), key=lambda pick: place[pick.task])


def subjects(tasks: pd.DataFrame) -> list[str]:
    """What each task measures: its target, or its assay where there is no target."""
    pairs = zip(text(tasks, "target"), text(tasks, "assay"), strict=True)
    return [target or assay for target, assay in pairs]


def short_names(tasks: pd.DataFrame) -> list[str]:
    """A label per task, as 'CTCF · HepG2'; the task's own name where that is not unique."""
    names = text(tasks, "task")
    cells = text(tasks, "biosample")
    labels = [
        f"{subject} · {cell}" if subject and cell else name
        for subject, cell, name in zip(subjects(tasks), cells, names, strict=True)
    ]
    seen = Counter(labels)
    chosen = zip(labels, names, strict=True)
    return [" ".join((label if seen[label] == 1 else name).split()) for label, name in chosen]


def elide(label: str, most: int) -> str:
    """`label`, or its two ends around an ellipsis, at most `most` characters."""
    if len(label) <= most:
        return label
    head = (most - 1) // 2 + (most - 1) % 2
    return f"{label[:head]}…{label[len(label) - (most - 1 - head) :]}"
