"""Every table of the report as numbers, by the name of its file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nucleotides.analyze.examine import Findings
from nucleotides.analyze.report.evaluation import Evaluation, RunFacts
from nucleotides.analyze.report.long_tail import THIRDS, thirds
from nucleotides.data.leakage import leakage_table
from nucleotides.metrics.summary import SUMMARISED

MEAN_PREDICTIONS, TASK_MAP = "mean_predictions.tsv", "distinct_features_umap.tsv"


def list_tables(
    evaluation: Evaluation, facts: RunFacts, found: Findings
) -> dict[str, pd.DataFrame]:
    """Name of the file, ending in .tsv, to the table; those of parts that are not there left out.

    Undefined numbers are NaN.
    """
    tables = {"tasks.tsv": evaluation.tasks, "by_assay.tsv": _by_assay(facts)}
    if len(facts.history):
        tables["history.tsv"] = facts.history
    if facts.baselines:
        tables["baselines.tsv"] = _baselines(facts.baselines)
    if found.positives is not None:
        tables["long_tail.tsv"] = _long_tail(evaluation, found.positives)
    if found.calibration is not None:
        calibration = {"task": found.calibration.tasks, "method": found.calibration.methods}
        tables["calibration.tsv"] = pd.DataFrame(calibration)
    if found.prevalence is not None:
        tables["genome_prevalence.tsv"] = pd.DataFrame(
            {"task": evaluation.tasks["task"], "genome_prevalence": found.prevalence}
        )
    for name, background in {
        MEAN_PREDICTIONS: found.genome,
        "mean_predictions_gc_matched.tsv": found.gc_matched,
    }.items():
        if background is not None:
            tables[name] = background.table()
    if found.task_map is not None:
        tables[TASK_MAP] = found.task_map
    if found.comparison is not None:
        tables["comparison.tsv"] = found.comparison.tasks
    if found.leaks:
        tables["leakage.tsv"] = leakage_table(found.leaks)
    return tables


def _by_assay(facts: RunFacts) -> pd.DataFrame:
    rows = []
    groups = {**facts.summary.get("by_assay", {}), "all": facts.summary.get("all", {})}
    for name, group in groups.items():
        row = {"assay": name, "n_tasks": group["n_tasks"], "n_scored": group["n_scored"]}
        for metric in (m for m in SUMMARISED if m in group):
            row |= {f"{metric}_{part}": value for part, value in group[metric].items()}
        rows.append(row)
    return pd.DataFrame(rows)


def _baselines(baselines: dict[str, dict[str, dict[str, float]]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"baseline": baseline, "task": task, **scores}
            for baseline, tasks in baselines.items()
            for task, scores in tasks.items()
        ]
    )


def _long_tail(evaluation: Evaluation, positives: np.ndarray) -> pd.DataFrame:
    names = np.empty(len(positives), object)
    for name, rows in zip(THIRDS, thirds(positives), strict=True):
        names[rows] = name
    scores = evaluation.tasks[["task", "auroc", "average_precision"]]
    return scores.assign(lift=evaluation.lift, training_positives=positives, third=names)
