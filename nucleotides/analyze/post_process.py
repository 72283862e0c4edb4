"""From a trained run to all that is to be known of it: report, card, tables, figures, bundle."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from nucleotides import __version__
from nucleotides.analyze.evaluation import Evaluation, Judged, RunFacts
from nucleotides.analyze.examine import Findings, MapSource, Wanted, examine
from nucleotides.analyze.gallery import Gallery
from nucleotides.analyze.insights import insights
from nucleotides.analyze.list_tables import list_tables
from nucleotides.analyze.model_card import model_card
from nucleotides.analyze.provenance import describe_run, read_history
from nucleotides.analyze.report import write_report
from nucleotides.analyze.stretches import stretches
from nucleotides.bundle import Knowledge, write_bundle
from nucleotides.files import replacing, write_json
from nucleotides.metrics.summary import as_metrics_json
from nucleotides.progress import say
from nucleotides.train.reopen import Reopened

MEAN_PREDICTIONS, TASK_MAP = "mean_predictions.tsv", "distinct_features_umap.tsv"
_NEIGHBOURS: dict[MapSource, str] = {
    "labels": "their peaks lie in the same bins (Jaccard index of their labels)",
    "predictions": "the network's predictions for them rise and fall together (correlation)",
    "weights": "the network reads them out by like weights of its last layer (cosine)",
}


@dataclass(frozen=True)
class Told:
    """What a caller knows better than the run's files.

    Attributes:
        title: of the report and the card.
        provenance: entries that replace or follow those of the run.
        baselines: shown beside those of composition.
        next_steps: at the end of the report.
        licence: of the weights.
        limits: of the model, for the card.
    """

    title: str | None = None
    provenance: Mapping[str, str] | None = None
    baselines: Mapping[str, dict[str, dict[str, float]]] | None = None
    next_steps: Sequence[tuple[str, str]] = ()
    licence: str | None = None
    limits: Sequence[str] = ()


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
    """Examine a run and write what was found to the folder `out`, replacing what is there.

    Args:
        run: the run, opened with its data.
        out: the folder.
        wanted: what to find out.
        told: what the caller knows better.

    Raises:
        NucleotidesError: `out` cannot be written. What concerns a part alone is kept in `absent`.
    """
    told = told or Told()
    found = examine(run, wanted)
    evaluation = _evaluation(run, found)
    history = read_history(run.folder)
    metrics = as_metrics_json(evaluation.tasks, _config(run, history, wanted.device))
    facts = _facts(run, found, metrics, history, wanted, told)
    rival = wanted.compare.name if wanted.compare else ""
    gallery = Gallery(out / "figures")
    say("report, figures and tables")
    shown = insights(found, evaluation, gallery, (rival, run.folder.name))
    _write_tables(out, list_tables(evaluation, facts, found))
    card = model_card(
        evaluation,
        facts,
        window=run.data.sequence_length,
        licence=told.licence,
        limits=told.limits,
        calibration=_calibration_told(metrics["summary"]["all"]),
        absent=found.absent,
    )
    with replacing(out / "model_card.md") as temporary:
        temporary.write_text(card, encoding="utf-8")
    known = Knowledge(found.calibration, found.genome, found.gc_matched, card)
    model = write_bundle(run.checkpoint, _bundled(evaluation, found), metrics, out / "model", known)
    write_json(out / "metrics.json", metrics)
    report = write_report(out / "report.html", evaluation, facts, shown, gallery)
    return PostProcessed(
        out,
        report,
        out / "model_card.md",
        out / "metrics.json",
        model,
        evaluation.tasks,
        found.absent,
    )


def _evaluation(run: Reopened, found: Findings) -> Evaluation:
    """The scored test; without one, every task without a score."""
    scored, bin = found.scored, run.data.bin
    names = np.array(list(run.data.genome.contigs), object)
    if scored is None:
        return _unscored(run)
    at = scored.positions
    regions = stretches(names[at.contigs], at.centres, bin)
    return Evaluation(
        tasks=scored.table,
        contig=names[at.contigs[scored.kept]],
        centres=at.centres[scored.kept],
        logits=scored.logits,
        labels=scored.labels,
        bin=bin,
        scored=Judged(at.centres.size, regions, scored.ranked),
    )


def _unscored(run: Reopened) -> Evaluation:
    tasks = run.checkpoint.tasks
    known = run.data.targets.tasks.set_index("task").reindex(tasks).fillna("").reset_index()
    words = {name: known.get(name, "") for name in ("assay", "target", "biosample")}
    numbers = dict.fromkeys(("auroc", "average_precision", "lift", "prevalence"), np.nan)
    more = dict.fromkeys(("precision", "recall", "mcc"), np.nan)
    table = known.assign(**words, **numbers, **more, positives=0, windows=0)
    nothing = np.empty((0, len(tasks)))
    return Evaluation(
        table,
        np.empty(0, object),
        np.empty(0, np.int64),
        nothing.astype(np.float32),
        nothing.astype(np.uint8),
        run.data.bin,
    )


def _facts(
    run: Reopened,
    found: Findings,
    metrics: dict[str, Any],
    history: pd.DataFrame,
    wanted: Wanted,
    told: Told,
) -> RunFacts:
    n = len(run.checkpoint.tasks)
    kind, name = run.config["model_class"], run.folder.name
    title = told.title or f"{kind} on {n:,} tasks" + (f" ({name})" if name != kind else "")
    baselines = {**(told.baselines or {}), **(found.baselines or {})}
    return RunFacts(
        title=title,
        summary={**metrics["summary"], "training": _speed(history)},
        provenance={**describe_run(run), **(told.provenance or {})},
        history=history,
        best_epoch=_best_epoch(run.path),
        next_steps=list(told.next_steps),
        baselines=baselines or None,
        map_told=f"Near tasks are alike: {_NEIGHBOURS[wanted.map_from]}. The axes mean nothing, "
        "and distances between far groups little.",
    )


def _config(run: Reopened, history: pd.DataFrame, device: str) -> dict[str, Any]:
    """What the scores in metrics.json stand for."""
    speed = _speed(history)
    named = {"samples_per_second": speed.pop("samples_per_second", None)}
    return {
        **run.config,
        "split": run.data.split.describe(),
        "checkpoint": str(run.path),
        **{f"training_{name}": value for name, value in speed.items()},
        **named,
        "nucleotides": __version__,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": device,
    }


def _speed(history: pd.DataFrame) -> dict[str, float]:
    """Samples, and seconds of training without validations."""
    if not {"samples", "seconds"} <= set(history.columns):
        return {}
    samples, seconds = float(history["samples"].iloc[-1]), float(history["seconds"].sum())
    return {"samples": samples, "seconds": seconds, "samples_per_second": samples / seconds}


def _best_epoch(path: Path) -> int:
    """That of the checkpoint, counted from 1."""
    return int(torch.load(path, map_location="cpu", weights_only=True)["epoch"]) + 1


def _bundled(evaluation: Evaluation, found: Findings) -> pd.DataFrame:
    """The task table of the bundle: facts, scores, place on the map, mean prediction."""
    table = evaluation.tasks
    if found.task_map is not None:
        table = table.assign(**{c: found.task_map[c] for c in ("umap1", "umap2", "cluster")})
    if found.genome is not None:
        means = {"mean_prediction": found.genome.mean, "std_prediction": found.genome.std}
        table = table.assign(**means)
    return table


def _calibration_told(every: dict[str, Any]) -> str:
    before, after = (
        every.get(f"{name}_error", {}).get("median") for name in ("calibration", "recalibrated")
    )
    if before is None or after is None:
        return ""
    return (
        f"Expected calibration error, median over tasks: {before:.4f} as the network predicts, "
        f"{after:.4f} after calibration on the validation part "
        "(`predict(..., recalibrated=True)`)."
    )


def _write_tables(out: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    for name, table in tables.items():
        folder = out if name in (MEAN_PREDICTIONS, TASK_MAP) else out / "tables"
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / name) as temporary:
            table.to_csv(temporary, sep="\t", index=False, float_format="%.6g", na_rep="NaN")
