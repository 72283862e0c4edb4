"""What is in the stores: tasks, peaks, positives by split, base rates, leakage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nucleotides.data.leakage import Leak
from nucleotides.data.plan import SamplePlan
from nucleotides.genome.ranges import Integers, Ranges
from nucleotides.targets.count import count_within

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = {"min": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "max": 1.0}
HELD_OUT = ("validation", "test")


@dataclass(frozen=True)
class Description:
    """The facts.

    Attributes:
        genome: path, contigs, bases, unknown (bases that are N).
        targets: path, tasks, peaks (merged), bin, threshold.
        split: each part in words.
        parts: positions that training may draw, bins of validation and test; blacklisted bases.
        sampling: weight of each source.
        tasks: a row a task: what is known of it, peaks, positives and rates by part, and the rate
            among training samples.
        leaks: what the parts share, empty if it was not looked for.
    """

    genome: dict[str, Any]
    targets: dict[str, Any]
    split: dict[str, str]
    parts: dict[str, int]
    sampling: dict[str, float]
    tasks: pd.DataFrame
    leaks: Sequence[Leak]

    def by_assay(self) -> pd.DataFrame:
        """A row an assay and one for all: tasks, peaks, quantiles of the base rate over the
        training part, and tasks that are never positive in validation or test."""
        import pandas as pd

        groups = [*self.tasks.groupby("assay", sort=True), ("all", self.tasks)]
        rows = [{"assay": name or "(none)", **self._group(group)} for name, group in groups]
        return pd.DataFrame(rows if len(rows) > 2 or rows[0]["assay"] != "(none)" else rows[1:])

    def _group(self, tasks: pd.DataFrame) -> dict[str, Any]:
        rates = tasks["training_rate"].quantile(list(QUANTILES.values()))
        facts: dict[str, Any] = {"tasks": len(tasks), "peaks": int(tasks["peaks"].sum())}
        facts |= dict(zip(QUANTILES, rates.tolist(), strict=True))
        for part in HELD_OUT:
            if self.parts[part]:
                facts[f"none_in_{part}"] = int((tasks[f"{part}_positives"] == 0).sum())
        return facts

    def as_json(self) -> dict[str, Any]:
        """All but the table by task, as plain values."""
        leaks = [{**asdict(leak), "numbers": leak.numbers.tolist()} for leak in self.leaks]
        return {
            "genome": self.genome,
            "targets": self.targets,
            "split": self.split,
            "parts": self.parts,
            "sampling": self.sampling,
            "base_rates": self.by_assay().to_dict("records"),
            "leakage": leaks,
        }


def describe(plan: SamplePlan, leaks: Sequence[Leak] = ()) -> Description:
    """Count everything exactly, in one pass over the peaks and one for the sampling's rates."""
    genome, store = plan.genome, plan.targets
    bases = sum(genome.contigs.values())
    bins = {part: _bins(plan, part) for part in HELD_OUT}
    cells = {"training": plan.allowed, **bins}
    sizes = {part: ranges.total for part, ranges in cells.items()}
    counts = count_within(store, list(cells.values()), plan.bin, plan.threshold)
    blacklisted = sum(ranges.total for ranges in plan.blacklist or ())
    return Description(
        genome={
            "path": str(genome.path),
            "contigs": len(genome.contigs),
            "bases": bases,
            "unknown": bases - _known(plan),
        },
        targets={
            "path": str(store.path),
            "tasks": len(store.tasks),
            "peaks": store.n_peaks,
            "bin": plan.bin,
            "threshold": plan.threshold,
        },
        split=plan.split.describe(),
        parts={**sizes, "blacklisted": blacklisted},
        sampling=plan.sampling,
        tasks=_by_task(plan, dict(zip(cells, counts, strict=True)), sizes),
        leaks=leaks,
    )


def _bins(plan: SamplePlan, part: str) -> Ranges:
    """The centres of a held-out part's bins, as ranges of one cell."""
    if not any(ranges.total for ranges in plan.split.held_out(part)):
        return Ranges(np.empty(0, np.int64), np.empty(0, np.int64))
    at = plan.held_out_positions(part)
    cells = plan.layout.cells(at.contigs, at.centres)
    return Ranges(cells, cells + 1)


def _known(plan: SamplePlan) -> int:
    lengths = plan.genome.contigs.values()
    numbers = [
        plan.genome.known_bases(np.array([i]), np.array([0]), n) for i, n in enumerate(lengths)
    ]
    return int(np.concatenate(numbers).sum())


def _by_task(plan: SamplePlan, counts: dict[str, Integers], sizes: dict[str, int]) -> pd.DataFrame:
    store = plan.targets
    table = store.tasks.copy()
    table["peaks"] = [store.packed_peaks(task)[1] for task in table["task"]]
    for part, positives in counts.items():
        table[f"{part}_positives"] = positives
        table[f"{part}_rate"] = positives / sizes[part] if sizes[part] else np.nan
    positives, samples = plan.positive_rates()
    table["sampled_rate"] = positives / max(samples, 1)
    return table
