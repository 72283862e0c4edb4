"""The sections that post-processing adds to the report, from what was found."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nucleotides.analyze.compare import Comparison
from nucleotides.analyze.examine import Findings
from nucleotides.analyze.report import numbers, post_sections
from nucleotides.analyze.report.comparison_figure import comparison_figure
from nucleotides.analyze.report.comparison_words import comparison_sentences, comparison_table
from nucleotides.analyze.report.draw_map import TaskMap, task_map
from nucleotides.analyze.report.evaluation import Evaluation, text
from nucleotides.analyze.report.gallery import Gallery, Pair
from nucleotides.analyze.report.map_figure import map_figure
from nucleotides.analyze.report.post_sections import Calibrated, LongTail, Similarity
from nucleotides.analyze.report.tables import Row, Table
from nucleotides.data.leakage import Leak
from nucleotides.metrics.reliability import reliability


@dataclass(frozen=True)
class Compared:
    """What `report_comparison.html.j2` shows."""

    sentences: list[str]
    figures: Pair
    table: Table


@dataclass(frozen=True)
class Insights:
    """Sections of the report; None where a part could not be had.

    Attributes:
        absent: name of a part to why it could not be had.
    """

    calibration: Calibrated | None = None
    map: TaskMap | None = None
    similarity: Similarity | None = None
    long_tail: LongTail | None = None
    comparison: Compared | None = None
    leaks: Table | None = None
    absent: dict[str, str] = field(default_factory=dict)


NOTHING = Insights()


def insights(
    findings: Findings, evaluation: Evaluation, gallery: Gallery, runs: tuple[str, str]
) -> Insights:
    """The sections.

    Args:
        findings: what was found.
        evaluation: the held-out set, scored.
        gallery: where figures go.
        runs: names of the run compared with, and of this one.
    """
    return Insights(
        _calibration(findings, evaluation, gallery),
        _map(findings, evaluation, gallery),
        _similarity(findings, evaluation, gallery),
        _long_tail(findings, evaluation, gallery),
        compared(findings.comparison, evaluation, gallery, runs) if findings.comparison else None,
        leak_table(findings.leaks) if findings.leaks else None,
        findings.absent,
    )


def _calibration(found: Findings, evaluation: Evaluation, gallery: Gallery) -> Calibrated | None:
    if found.calibration is None or found.scored is None:
        return None
    ranked, table = found.scored.ranked, found.scored.table
    before, after = (
        table[f"{name}_error"].where(table["auroc"].notna()).to_numpy(float)
        for name in ("calibration", "recalibrated")
    )
    raw, calibrated = reliability(ranked), reliability(ranked, found.calibration)
    return post_sections.calibrated(
        evaluation.tasks, raw, calibrated, before, after, gallery, in_genome(found)
    )


def in_genome(found: Findings) -> str:
    """How common peaks are in the genome, beside what calibrated probabilities say of it."""
    background, prevalence = found.genome, found.prevalence
    if background is None or background.calibrated_mean is None or prevalence is None:
        return ""
    there = prevalence > 0
    if not there.any():
        return ""
    ratio = background.calibrated_mean[there] / prevalence[there]
    low, middle, high = np.quantile(ratio, (0.25, 0.5, 0.75))
    shifted = ", moved to the genome's prevalence," if found.prevalence_of == "genome" else ""
    return (
        f"Over {numbers.counted(background.windows, 'window')} of the genome calibrated "
        f"probabilities{shifted} average {numbers.times(middle)} the part of the genome that is "
        f"in peaks (median over tasks; quartiles {numbers.times(low)} to {numbers.times(high)})."
    )


def _map(found: Findings, evaluation: Evaluation, gallery: Gallery) -> TaskMap | None:
    if found.task_map is None:
        return None
    points = found.task_map[["umap1", "umap2"]].to_numpy(float)
    gallery.save(map_figure(points, evaluation.tasks), "task_map")
    return task_map(points, evaluation.tasks, found.task_map["cluster"].to_numpy())


def _similarity(found: Findings, evaluation: Evaluation, gallery: Gallery) -> Similarity | None:
    if found.likeness is None:
        return None
    measured, predicted = found.likeness
    if found.task_map is not None:
        order = np.argsort(found.task_map["order"].to_numpy())
    else:
        order = np.arange(len(evaluation.tasks))
    return post_sections.similarity(evaluation.tasks, measured, predicted, order, gallery)


def _long_tail(found: Findings, evaluation: Evaluation, gallery: Gallery) -> LongTail | None:
    if found.positives is None or found.scored is None:
        return None
    return post_sections.long_tail(evaluation.tasks, found.positives, evaluation.lift, gallery)


def compared(
    comparison: Comparison, evaluation: Evaluation, gallery: Gallery, runs: tuple[str, str]
) -> Compared:
    """The comparison with another run; `runs` names that run, then this one."""
    named = dict(zip(evaluation.tasks["task"], text(evaluation.tasks, "assay"), strict=True))
    assays = [named[task] for task in comparison.tasks["task"]]
    figures = gallery.both(
        lambda width: comparison_figure(comparison.tasks, assays, width, runs),
        "comparison",
        f"AUROC and lift of every task in {runs[1]} against {runs[0]}",
    )
    sentences = comparison_sentences(comparison, runs)
    return Compared(sentences, figures, comparison_table(comparison, assays, runs))


def leak_table(leaks: list[Leak]) -> Table:
    """What held-out windows share with those of another part."""
    columns = ["Windows", "Compared", "Overlapping", "Same place", "Identical", "Alike"]
    rows = []
    for leak in leaks:
        counts = (
            leak.windows,
            leak.compared,
            leak.in_place,
            leak.whole,
            leak.identical,
            leak.alike,
        )
        name = f"{leak.part} in {leak.other}"
        rows.append(Row(name, "ink", [f"{count:,}" for count in counts]))
    return Table([], [(name, True) for name in columns], rows)
