"""What a report is made from, out of a run and its scores."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nucleotides.analyze.report.evaluation import Evaluation, Judged
from nucleotides.analyze.stretches import stretches
from nucleotides.train.evaluate import Scored
from nucleotides.train.reopen import Reopened

_SCORES = ("auroc", "average_precision", "lift", "prevalence", "precision", "recall", "mcc")
_FACTS = ("assay", "target", "biosample")


def assemble_evaluation(run: Reopened, scored: Scored | None) -> Evaluation:
    """The scored test, of which the kept bins are drawn; without one, every task unscored."""
    if scored is None:
        return _unscored(run)
    at, bin = scored.positions, run.data.bin
    names = np.array(list(run.data.genome.contigs), object)
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


def _known_tasks(run: Reopened) -> pd.DataFrame:
    """The task table that the run kept, or that of the open store."""
    path = run.folder / "tasks.tsv"
    if not path.is_file():
        return run.data.targets.tasks
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def _unscored(run: Reopened) -> Evaluation:
    """No bin, and of the tasks what is known of them."""
    tasks = run.checkpoint.tasks
    known = _known_tasks(run).set_index("task").reindex(tasks).fillna("").reset_index()
    facts = {name: known.get(name, "") for name in _FACTS}
    scores = dict.fromkeys(_SCORES, np.nan)
    nothing = np.empty((0, len(tasks)))
    return Evaluation(
        tasks=known.assign(**facts, **scores, positives=0, windows=0),
        contig=np.empty(0, object),
        centres=np.empty(0, np.int64),
        logits=nothing.astype(np.float32),
        labels=nothing.astype(np.uint8),
        bin=run.data.bin,
    )
