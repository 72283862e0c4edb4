"""The report's tables: every task, and every assay in summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nucleotides.analyze import choose, numbers
from nucleotides.analyze.evaluation import Evaluation, RunFacts
from nucleotides.analyze.theme import assay_colours


@dataclass(frozen=True)
class Row:
    """One line of a table: its heading, the colour of its assay, and its cells as text."""

    heading: str
    colour: str
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """Columns as (name, whether it holds numbers), without that of the headings, and rows."""

    columns: list[tuple[str, bool]]
    rows: list[Row]


def by_task(evaluation: Evaluation, facts: RunFacts) -> Table:
    """Every task with its scores, by assay, the best first; then the baselines' scores."""
    tasks = evaluation.tasks
    words = ("assay", "target", "biosample")
    measures = ("Positives", "Prevalence", "AUROC", "AP", "AP ÷ prevalence")
    columns = [(name.capitalize(), False) for name in words]
    columns += [(name, True) for name in measures]
    baselines = facts.baselines or {}
    columns += [(f"{name} {what}", True) for name in baselines for what in ("AUROC", "AP")]
    colours = assay_colours(choose.by_assay(tasks))
    records = tasks.to_dict("records")
    lift = evaluation.lift.tolist()
    rows = []
    for row in (row for group in choose.by_assay(tasks).values() for row in group):
        record: dict[Any, Any] = records[row]
        cells = [str(record[name]) for name in words] + _scores(record, lift[row])
        for scores in baselines.values():
            rival = scores.get(str(record["task"]), {})
            cells += [numbers.fixed(rival.get(k)) for k in ("auroc", "average_precision")]
        rows.append(Row(str(record["task"]), colours[str(record["assay"])], cells))
    return Table(columns, rows)


def _scores(record: dict[Any, Any], lift: float) -> list[str]:
    return [
        numbers.whole(record["positives"]),
        numbers.percent(record["prevalence"]),
        numbers.fixed(record["auroc"]),
        numbers.fixed(record["average_precision"]),
        numbers.times(lift),
    ]


def by_assay(evaluation: Evaluation, facts: RunFacts) -> Table:
    """Median, quartiles and worst of each assay and of all, from the summary of the run."""
    columns = [("Tasks", True), ("Scored", True)]
    for merit in ("AUROC", "AP ÷ prevalence"):
        columns += [(f"{merit} median", True), ("quartiles", True), ("worst", True)]
    baselines = facts.baselines or {}
    columns += [(f"{name} AUROC median", True) for name in baselines]
    groups = choose.by_assay(evaluation.tasks)
    colours = assay_colours(groups)
    summary = facts.summary.get("by_assay", {})
    everything = list(range(len(evaluation.tasks)))
    lines = [(assay, colours[assay], summary.get(assay, {}), groups[assay]) for assay in groups]
    lines.append(("All", "ink", facts.summary.get("all", {}), everything))
    rows = []
    for name, colour, scores, tasks in lines:
        cells = [f"{len(tasks):,}", numbers.whole(scores.get("n_scored"))]
        cells += _spread(scores.get("auroc", {}), numbers.fixed)
        cells += _spread(scores.get("lift", {}), numbers.times)
        cells += [_baseline_median(evaluation, tasks, rival) for rival in baselines.values()]
        rows.append(Row(name, colour, cells))
    return Table(columns, rows)


def _spread(values: dict[str, Any], text: Any) -> list[str]:
    quartiles = [text(values.get(name)) for name in ("q1", "q3")]
    between = " – ".join(quartiles) if numbers.DASH not in quartiles else numbers.DASH
    return [text(values.get("median")), between, text(values.get("worst"))]


def _baseline_median(
    evaluation: Evaluation, rows: list[int], scores: dict[str, dict[str, float]]
) -> str:
    names = evaluation.tasks["task"].astype(str).tolist()
    values = [scores.get(names[row], {}).get("auroc") for row in rows]
    finite = [value for value in values if value is not None and numbers.known(value)]
    return numbers.fixed(float(np.median(finite))) if finite else numbers.DASH
