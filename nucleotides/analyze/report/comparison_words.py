"""The comparison of two models in a table and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from nucleotides.analyze.compare import FALSE_DISCOVERIES, Comparison
from nucleotides.analyze.report import choose, numbers
from nucleotides.analyze.report.tables import Row, Table
from nucleotides.analyze.report.theme import assay_colours

_MOST_LETTERS = 16  # of a run's name over a column


def comparison_table(
    comparison: Comparison, assays: Sequence[str], names: tuple[str, str] = ("run A", "run B")
) -> Table:
    """Every task with both models' scores, from the most improved AUROC down, unscored last.

    Args:
        comparison: of `compare`.
        assays: of each task, in its order; may be empty words.
        names: of models A and B.
    """
    a, b = (choose.elide(name, _MOST_LETTERS) for name in names)
    scores = [(a, True), (b, True), ("Difference", True), ("95% interval", False), ("q", True)]
    columns = [("Assay", False), ("Verdict", False), *scores, *scores]
    groups = [("", 2), ("AUROC", 5), ("AP", 5)]
    colours = assay_colours(name for name, _ in Counter(assays).most_common())
    table = comparison.tasks.assign(assay=list(assays))
    table = table.sort_values("auroc_difference", ascending=False, kind="stable")
    rows = [
        Row(
            record["task"],
            colours[record["assay"]],
            [record["assay"], record["verdict"], *_cells(record)],
        )
        for record in table.to_dict("records")
    ]
    return Table(groups, columns, rows)


def _cells(record: dict[Any, Any]) -> list[str]:
    cells = []
    for score in ("auroc", "average_precision"):
        value = {name: record[f"{score}_{name}"] for name in ("a", "b", "difference", "q")}
        ends = [numbers.signed(record[f"{score}_{name}"]) for name in ("low", "high")]
        cells += [numbers.fixed(value["a"]), numbers.fixed(value["b"])]
        cells.append(numbers.signed(value["difference"]))
        cells.append(" to ".join(ends) if numbers.DASH not in ends else numbers.DASH)
        cells.append(numbers.chance(value["q"]))
    return cells


def comparison_sentences(
    comparison: Comparison, names: tuple[str, str] = ("run A", "run B")
) -> list[str]:
    """Which of two models is better, and how surely, sentence by sentence."""
    c, (a, b) = comparison, names
    scored = c.improved + c.worsened + c.undecided
    if not scored:
        return ["No task has bins both in and outside of peaks there, so nothing can be compared."]
    return [
        f"Of {numbers.counted(scored, 'task')}, {b} ranks bins better than {a} in {c.improved:,} "
        f"and worse in {c.worsened:,}; in {c.undecided:,} the difference of AUROC is too small to "
        f"be sure of, from {numbers.counted(c.bins, 'bin')} in "
        f"{numbers.counted(c.blocks, 'block')} of the genome "
        f"(false discovery rate {FALSE_DISCOVERIES:.0%}).",
        f"In the median task AUROC differs by {numbers.signed(c.auroc_difference)} and average "
        f"precision by {numbers.signed(c.average_precision_difference)}.",
    ]
