"""From a trained run to all that is to be known of it: report, card, tables, figures, bundle."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nucleotides.analyze.examine import Findings, Prevalence, Wanted, examine
from nucleotides.analyze.report.assemble_evaluation import assemble_evaluation
from nucleotides.analyze.report.evaluation import Evaluation, RunFacts
from nucleotides.analyze.report.gallery import Gallery
from nucleotides.analyze.report.insights import insights
from nucleotides.analyze.report.list_tables import MEAN_PREDICTIONS, TASK_MAP, list_tables
from nucleotides.analyze.report.model_card import model_card
from nucleotides.analyze.report.state_facts import Told, state_config, state_facts
from nucleotides.analyze.report.write_report import write_report
from nucleotides.bundle import Knowledge, write_bundle
from nucleotides.bundle.manifest import check_replaceable
from nucleotides.files import replacing, write_json
from nucleotides.metrics.summary import as_metrics_json
from nucleotides.progress import say
from nucleotides.train.lock_data import read_lock
from nucleotides.train.reopen import Reopened, run_folder


@dataclass(frozen=True)
class PostProcessed:
    """What post-processing leaves.

    Attributes:
        folder: of everything.
        report, card, metrics, model: within it.
        table: the tasks with their scores.
        absent: name of a part to why it could not be had.
    """

    folder: Path
    report: Path
    card: Path
    metrics: Path
    model: Path
    table: pd.DataFrame
    absent: dict[str, str]

    def copy_to(self, mean_predictions: Path, task_map: Path) -> None:
        """Copy the two tables that other commands look for, where they look for them."""
        for name, path in {MEAN_PREDICTIONS: mean_predictions, TASK_MAP: task_map}.items():
            source = self.folder / name
            if source.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                with replacing(path) as temporary:
                    shutil.copyfile(source, temporary)


def post_process(
    run: Reopened, out: Path, wanted: Wanted, told: Told | None = None
) -> PostProcessed:
    """Examine a run and write what was found to the folder `out`.

    What an earlier call wrote there is replaced, its folders `figures`, `tables` and `model` as
    wholes; until all is found out, nothing is.

    Args:
        run: the run, opened with its data.
        out: the folder.
        wanted: what to find out.
        told: what the caller knows better.

    Raises:
        NucleotidesError: `out` cannot be written. What concerns a part alone is kept in `absent`.
    """
    told = told or Told()
    check_replaceable(out / "model")
    found = examine(run, wanted)
    evaluation = assemble_evaluation(run, found.scored)
    metrics = as_metrics_json(evaluation.tasks, state_config(run, wanted.device))
    facts = state_facts(run, found, metrics["summary"], wanted.map_from, told)
    card = _card(run, evaluation, facts, found, wanted, told)
    say("report, figures and tables")
    report = _write_report(run, out, evaluation, facts, found, wanted)
    _write_tables(out, list_tables(evaluation, facts, found))
    with replacing(out / "model_card.md") as temporary:
        temporary.write_text(card, encoding="utf-8")
    lock = read_lock(run.folder)
    known = Knowledge(found.calibration, found.genome, found.gc_matched, card, lock, told.licence)
    model = write_bundle(run.checkpoint, _bundled(evaluation, found), metrics, out / "model", known)
    write_json(out / "metrics.json", metrics)
    return PostProcessed(
        folder=out,
        report=report,
        card=out / "model_card.md",
        metrics=out / "metrics.json",
        model=model,
        table=evaluation.tasks,
        absent=found.absent,
    )


def _card(
    run: Reopened,
    evaluation: Evaluation,
    facts: RunFacts,
    found: Findings,
    wanted: Wanted,
    told: Told,
) -> str:
    return model_card(
        evaluation,
        facts,
        window=run.data.sequence_length,
        licence=told.licence,
        limits=told.limits,
        calibration=_calibration_told(facts.summary["all"], wanted.prevalence),
        absent=found.absent,
    )


def _write_report(
    run: Reopened,
    out: Path,
    evaluation: Evaluation,
    facts: RunFacts,
    found: Findings,
    wanted: Wanted,
) -> Path:
    """The page, and the folder of its figures."""
    with replacing(out / "figures") as folder:
        folder.mkdir()
        gallery = Gallery(folder)
        shown = insights(found, evaluation, gallery, _run_names(run, wanted))
        return write_report(out / "report.html", evaluation, facts, shown, gallery)


def _run_names(run: Reopened, wanted: Wanted) -> tuple[str, str]:
    """Of the run compared with and of this one; with the folders above where they are the same."""
    if wanted.compare is None:
        return "", run.folder.name
    rival, mine = run_folder(wanted.compare).resolve(), run.folder.resolve()
    for depth in range(1, len(mine.parts)):
        names = ["/".join(folder.parts[-depth:]) for folder in (rival, mine)]
        if names[0] != names[1]:
            return names[0], names[1]
    return "the same run", mine.name


def _bundled(evaluation: Evaluation, found: Findings) -> pd.DataFrame:
    """The task table of the bundle: facts, scores, place on the map, mean prediction."""
    table = evaluation.tasks
    if found.task_map is not None:
        table = table.assign(**{c: found.task_map[c] for c in ("umap1", "umap2", "cluster")})
    if found.genome is not None:
        means = {"mean_prediction": found.genome.mean, "std_prediction": found.genome.std}
        table = table.assign(**means)
    return table


def _calibration_told(every: dict[str, Any], prevalence: Prevalence) -> str:
    before, after = (
        every.get(f"{name}_error", {}).get("median") for name in ("calibration", "recalibrated")
    )
    if before is None or after is None:
        return ""
    shifted = ", moved to the genome's prevalence" if prevalence == "genome" else ""
    return (
        f"Expected calibration error, median over tasks: {before:.4f} as the network predicts, "
        f"{after:.4f} after calibration on the validation part "
        f"(`predict(..., recalibrated=True)`){shifted}."
    )


def _write_tables(out: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """All to the folder `tables`, but those that other commands read, to `out` itself."""
    with replacing(out / "tables") as folder:
        folder.mkdir()
        for name in tables.keys() - {MEAN_PREDICTIONS, TASK_MAP}:
            _write_table(folder / name, tables[name])
    for name in (MEAN_PREDICTIONS, TASK_MAP):
        if name in tables:
            with replacing(out / name) as temporary:
                _write_table(temporary, tables[name])
        else:
            (out / name).unlink(missing_ok=True)  # of before, of another model maybe


def _write_table(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, sep="\t", index=False, float_format="%.6g", na_rep="NaN")
