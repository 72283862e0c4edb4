"""What a report is made from: the held-out set, scored, and the facts of the run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import torch

from nucleotides.analyze.stretches import Stretch, stretches
from nucleotides.errors import MismatchError
from nucleotides.metrics import ScoreRanks
from nucleotides.metrics.ranked import Ranked

TASK_COLUMNS = (
    "task",
    "assay",
    "target",
    "biosample",
    "auroc",
    "average_precision",
    "prevalence",
    "positives",
)
HISTORY_COLUMNS = ("epoch", "train_loss", "val_loss", "val_auroc", "val_lift")


@dataclass(frozen=True)
class Judged:
    """All bins that were scored.

    Attributes:
        bins: their number.
        regions: where they lie.
        ranked: those of each task in the order of their logits.
    """

    bins: int
    regions: list[Stretch]
    ranked: Ranked


@dataclass(frozen=True)
class Evaluation:
    """The held-out set, scored by the network: all of it by task, and bins to draw tracks of.

    Attributes:
        tasks: one row per task, in the order of the columns of `logits`: task, assay,
            target, biosample (strings, may be empty), auroc, average_precision,
            prevalence (all 0 to 1) and positives (bins); NaN where undefined.
        contig: (n,) name of the contig of each bin to draw.
        centres: (n,) int64, 0-based centre of each, in bases.
        logits: (n, tasks) float32, before the sigmoid.
        labels: (n, tasks) uint8, 1 where the bin is a measured peak.
        bin: width of a bin in bases.
        scored: all bins that the tasks were scored on; None where they are those to draw.

    Raises:
        MismatchError: the arrays and the table do not describe the same bins and tasks.
    """

    tasks: pd.DataFrame
    contig: np.ndarray
    centres: np.ndarray
    logits: np.ndarray
    labels: np.ndarray
    bin: int
    scored: Judged | None = None

    def __post_init__(self) -> None:
        missing = [name for name in TASK_COLUMNS if name not in self.tasks.columns]
        if missing:
            raise MismatchError(f"the task table lacks the columns {', '.join(missing)}")
        expected = (len(self.centres), len(self.tasks))
        for name in ("logits", "labels"):
            shape = getattr(self, name).shape
            if shape != expected:
                raise MismatchError(
                    f"{name} has shape {shape}, but there are {expected[0]} bins "
                    f"and {expected[1]} tasks"
                )
        if len(self.contig) != len(self.centres):
            raise MismatchError(
                f"{len(self.contig)} contig names for {len(self.centres)} bin centres"
            )

    @cached_property
    def judged(self) -> Judged:
        """All bins that the tasks were scored on."""
        if self.scored is not None:
            return self.scored
        ranks = ScoreRanks(len(self.tasks), sync_on_compute=False)
        ranks.update(torch.from_numpy(self.logits), torch.from_numpy(self.labels))
        return Judged(len(self.centres), self.stretches, ranks.ranked())

    @cached_property
    def stretches(self) -> list[Stretch]:
        """The bins to draw as stretches of the genome, the longest first."""
        return stretches(self.contig, self.centres, self.bin)

    @property
    def lift(self) -> np.ndarray:
        """(tasks,) average precision over prevalence; NaN where undefined."""
        precision = self.tasks["average_precision"].to_numpy(dtype=float)
        prevalence = self.tasks["prevalence"].to_numpy(dtype=float)
        lift = np.full(len(precision), np.nan)
        np.divide(precision, prevalence, out=lift, where=prevalence > 0)
        return lift


def text(tasks: pd.DataFrame, column: str) -> list[str]:
    """A column of words of the task table; "" where pandas holds a missing value."""
    return ["" if pd.isna(word) else str(word) for word in tasks[column].tolist()]


@dataclass(frozen=True)
class RunFacts:
    """What was run, and how it went.

    Attributes:
        title: heading of the report.
        summary: the "summary" of metrics.json: {"all": scores, "by_assay": {assay: scores},
            "by_target": {target: scores}}, where scores is {"n_tasks", "n_scored", "auroc",
            "average_precision", "lift"}, the last three each {"median", "q1", "q3", "worst"}.
            An optional "training": {"seconds", "samples", "samples_per_second"} fills the
            cards on speed.
        provenance: name to value, shown as given, in order.
        history: columns epoch, train_loss, val_loss, val_auroc, val_lift; NaN where missing.
        best_epoch: epoch of the weights that were evaluated, or None.
        next_steps: (command, what it does).
        baselines: baseline to task to {"auroc", "average_precision"}, on the same bins.
        map_told: what makes tasks neighbours on their map.
    """

    title: str
    summary: dict[str, Any]
    provenance: dict[str, str]
    history: pd.DataFrame
    best_epoch: int | None
    next_steps: list[tuple[str, str]]
    baselines: dict[str, dict[str, dict[str, float]]] | None = None
    map_told: str = ""
