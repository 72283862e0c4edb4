"""The report's tables: every task, and every assay in summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nucleotides.analyze.report import choose, numbers
from nucleotides.analyze.report.evaluation import Evaluation, RunFacts, text
from nucleotides.analyze.report.theme import assay_colours


@dataclass(frozen=True)
class Row:
    """One line of a table: its heading, the colour of its assay, and its cells as text."""

    heading: str
    colour: str
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """Columns, without that of the headings, under headings of their own, and rows.

    Attributes:
        groups: (name, number of columns under it) from the left, "" for no name.
        columns: (name, whether it holds numbers).
        rows: as many cells each as there are columns.
    """

    groups: list[tuple[str, int]]
    columns: list[tuple[str, bool]]
    rows: list[Row]


def by_task(evaluation: Evaluation, facts: RunFacts) -> Table:
    """Every task with its scores, by assay, the best first; then the baselines' scores."""
    tasks = evaluation.tasks
    words = ("assay", "target", "biosample")
    measures = ("Positives", "Prevalence", "AUROC", "AP", "Lift")
    columns = [(name.capitalize(), False) for name in words]
    columns += [(name, True) for name in measures]
    baselines = facts.baselines or {}
    columns += [(what, True) for _ in baselines for what in ("AUROC", "AP")]
    groups = [("", 3), ("Network" if baselines else "", 5), *((name, 2) for name in baselines)]
    colours = assay_colours(choose.by_assay(tasks))
    named = {name: text(tasks, name) for name in ("task", *words)}
    records = tasks.to_dict("records")
    lift = evaluation.lift.tolist()
    rows = []
    for row in (row for group in choose.by_assay(tasks).values() for row in group):
        record: dict[Any, Any] = records[row]
        cells = [named[name][row] for name in words] + _scores(record, lift[row])
        for scores in baselines.values():
            rival = scores.get(named["task"][row], {})
            cells += [numbers.fixed(rival.get(k)) for k in ("auroc", "average_precision")]
        rows.append(Row(named["task"][row], colours[named["assay"][row]], cells))
    return Table(groups, columns, rows)


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
    baselines = facts.baselines or {}
    heads = [("", 2), ("AUROC", 3), ("Lift (AP ÷ prevalence)", 3)]
    heads += [("Median AUROC of", len(baselines))] if baselines else []
    names = ["Tasks", "Scored", *(["median", "quartiles", "worst"] * 2), *baselines]
    groups = choose.by_assay(evaluation.tasks)
    colours = assay_colours(groups)
    summary = facts.summary.get("by_assay", {})
    everything = list(range(len(evaluation.tasks)))
    lines = [
        (assay or "no assay named", colours[assay], summary.get(assay, {}), groups[assay])
        for assay in groups
        if assay or len(groups) > 1
    ]
    lines.append(("All", "ink", facts.summary.get("all", {}), everything))
    rows = []
    for name, colour, scores, tasks in lines:
        cells = [f"{len(tasks):,}", numbers.whole(scores.get("n_scored"))]
        cells += _spread(scores.get("auroc", {}), numbers.fixed)
        cells += _spread(scores.get("lift", {}), numbers.times)
        cells += [_baseline_median(evaluation, tasks, rival) for rival in baselines.values()]
        rows.append(Row(name, colour, cells))
    return Table(heads, [(name, True) for name in names], rows)


def _spread(values: dict[str, Any], written: Any) -> list[str]:
    quartiles = [written(values.get(name)) for name in ("q1", "q3")]
    between = " – ".join(quartiles) if numbers.DASH not in quartiles else numbers.DASH
    return [written(values.get("median")), between, written(values.get("worst"))]


def _baseline_median(
    evaluation: Evaluation, rows: list[int], scores: dict[str, dict[str, float]]
) -> str:
    """The median over the group's tasks that the baseline scores, with their number if not all."""
    names = text(evaluation.tasks, "task")
    values = [scores.get(names[row], {}).get("auroc") for row in rows]
    finite = [value for value in values if value is not None and numbers.known(value)]
    if not finite:
        return numbers.DASH
    of = "" if len(finite) == len(rows) else f" ({len(finite)} tasks)"
    return numbers.fixed(float(np.median(finite))) + of
