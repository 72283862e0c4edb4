"""How good the demo's network is on its held-out megabase, over seeds, beside the baselines.

Runs `nucleotides demo --out DIR --seed N` for each seed (minutes each), or reads the folders of
such runs, and sets medians over tasks beside those of benchmarks/demo_baselines.py, which the
package ships as nucleotides/demo/data/baselines.json: same bins, same labels.

python benchmarks/demo_seeds.py [--seeds 0 1 2 | --from DIR...] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import demo_data
from common import Row, configuration, parser, progress, python, report, row, shown

from nucleotides.demo.files import BASELINES

NOTED = ("nucleotides", "python", "torch", "lightning", "threads", "device", "model_class")
Tasks = dict[str, dict[str, Any]]


def main() -> None:
    """Run or read, print."""
    options = parser(__doc__)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--from", dest="folders", type=Path, nargs="+", help="demo folders")
    arguments = options.parse_args()
    if arguments.folders:
        runs = [read(folder) for folder in arguments.folders]
    else:
        runs = [run(seed) for seed in arguments.seeds]
    values = {name: [measure(each) for each in runs] for name, measure in MEASURES.items()}
    values = {name: each for name, each in values.items() if None not in each}
    first = runs[0]["config"]
    config = configuration(
        ("torch", "lightning"),
        split=demo_data.SPLIT,
        seeds=[each["config"].get("seed") for each in runs],
        spread="sd is that of a sample (n - 1)",
        baselines="medians over the same tasks; see demo_baselines.md",
        ran_with={key: first[key] for key in NOTED if key in first},
    )
    if arguments.folders:  # figures from elsewhere owe nothing to this machine
        del config["versions"], config["machine"]
    beside = read_baselines(runs[0]["tasks"])
    report(arguments, *table(values, beside), rows(values, config), config)


def run(seed: int) -> dict[str, Any]:
    """A new run's metrics.json, with the seconds of the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        progress(f"nucleotides demo --seed {seed}")
        begin = time.perf_counter()
        command = ["-m", "nucleotides", "demo", "--out", folder, "--seed", str(seed)]
        python(*command, stdout=sys.stderr, stderr=subprocess.STDOUT)
        out = read(Path(folder))
        out["whole_seconds"] = time.perf_counter() - begin
        return out


def read(folder: Path) -> dict[str, Any]:
    """metrics.json of a demo folder."""
    content: dict[str, Any] = json.loads((folder / "metrics.json").read_text())
    return content


def median(key: str, target: str = "") -> Callable[[dict[str, Any]], float | None]:
    """A measure: the median of a metric over all tasks, or over those of a target."""
    return lambda metrics: median_over(metrics["tasks"], key, target)


def median_over(tasks: Tasks, key: str, target: str = "") -> float | None:
    """Tasks without a value are left out."""
    chosen = [task for task in tasks.values() if not target or task["target"] == target]
    values = [lift(task) if key == "lift" else task.get(key) for task in chosen]
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def lift(task: dict[str, Any]) -> float | None:
    """Average precision over prevalence."""
    precision, prevalence = task.get("average_precision"), task.get("prevalence")
    return precision / prevalence if precision is not None and prevalence else None


MEASURES: dict[str, Callable[[dict[str, Any]], float | None]] = {
    "AUROC, median": median("auroc"),
    "AUROC, median of CTCF tasks": median("auroc", "CTCF"),
    "AP, median": median("average_precision"),
    "AP, median of CTCF tasks": median("average_precision", "CTCF"),
    "AP/prevalence, median": median("lift"),
    "AP/prevalence, median of CTCF tasks": median("lift", "CTCF"),
    "training without validations, s": lambda metrics: metrics["config"].get("training_seconds"),
    "whole command, s": lambda metrics: metrics.get("whole_seconds"),
}


def read_baselines(tasks: Tasks) -> dict[str, Tasks]:
    """The baselines' scores, each with its task's prevalence, target and assay."""
    baselines = json.loads(BASELINES.read_text())["baselines"]
    return {
        name: {task: {**tasks[task], **scores} for task, scores in by_task.items()}
        for name, by_task in baselines.items()
    }


def table(
    values: dict[str, list[float]], beside: dict[str, Tasks]
) -> tuple[list[str], list[list[Any]]]:
    """A line a measure: over seeds, then each baseline where it was scored on all those tasks."""
    head = ["", "mean", "sd", "min-max", *beside]
    cells = []
    for name, each in values.items():
        extent = f"{shown(min(each))}-{shown(max(each))}"
        rivals = [rival(name, tasks) for tasks in beside.values()]
        cells.append([name, statistics.fmean(each), deviation(each), extent, *rivals])
    return head, cells


def rival(measure: str, tasks: Tasks) -> float | None:
    """A baseline's value of a measure; none for seconds, or for tasks that it did not score."""
    only_ctcf = all(task["target"] == "CTCF" for task in tasks.values())
    if measure.endswith(" s") or (only_ctcf and "CTCF" not in measure):
        return None
    return MEASURES[measure]({"tasks": tasks})


def deviation(values: list[float]) -> float | None:
    """Standard deviation of a sample; none of a single value."""
    return statistics.stdev(values) if len(values) > 1 else None


def rows(values: dict[str, list[float]], config: dict[str, Any]) -> list[Row]:
    """The mean of each measure, with the values by seed in its config."""
    return [
        row(name, statistics.fmean(each), "s" if name.endswith(" s") else "", own)
        for name, each in values.items()
        for own in [{**config, "by_seed": each, "sd": deviation(each)}]
    ]


if __name__ == "__main__":
    main()
