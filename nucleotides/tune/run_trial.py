"""One trial: a run of `train` that reports to the study."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nucleotides.progress import say
from nucleotides.train.arguments import TrainConfig
from nucleotides.train.run import train
from nucleotides.tune.check_search import Configure
from nucleotides.tune.open_study import TRIALS, trial_states
from nucleotides.tune.report_epochs import ReportEpochs
from nucleotides.tune.search_space import Space, suggest


def run_trial(
    study: Any,
    trial: Any,
    folder: Path,
    space: Space,
    arguments: Sequence[str],
    configure: Configure,
) -> None:
    """Train by what the study suggests, and tell it the best value of the monitored metric.

    A trial without a value, or whose best is not a number, has failed.

    Raises:
        NucleotidesError, torch.OutOfMemoryError, KeyboardInterrupt: see `train`; the study is told
            nothing then.
    """
    name = trial.user_attrs.get("run") or f"trial_{trial.number:04d}"
    trial.set_user_attr("run", name)
    words = suggest(space, trial)
    say(f"trial {trial.number}: {' '.join(words)}")
    place = ["--logs", str(folder / TRIALS), "--run_name", name, "--ckpt_path", "auto"]
    config = configure([*arguments, *words, *place])
    monitor = config.options.monitor
    known = _report_again(trial, folder / TRIALS / name / "metrics.csv", monitor)
    report = ReportEpochs(trial, monitor, known)
    train(_with(config, report))
    values = study.trials[trial.number].intermediate_values.values()
    best = max if config.options.better == "max" else min
    value = best((v for v in values if not math.isnan(v)), default=None)
    if value is None:
        study.tell(trial, state=trial_states().FAIL)
        say(f"trial {trial.number} failed: {monitor} was never a number")
    elif report.pruned:
        study.tell(trial, state=trial_states().PRUNED)
        say(f"trial {trial.number} pruned: {monitor} {value:.4f} so far")
    else:
        study.tell(trial, value)
        say(f"trial {trial.number}: {monitor} {value:.4f}")


def _with(config: TrainConfig, report: ReportEpochs) -> TrainConfig:
    """The configuration with the reporter, on one device."""
    given = config.trainer.get("callbacks") or []
    devices = config.trainer["devices"]
    more = {
        "callbacks": [*(given if isinstance(given, list) else [given]), report],
        "devices": 1 if devices == "auto" else devices,
    }
    return dataclasses.replace(config, trainer={**config.trainer, **more})


def _report_again(trial: Any, path: Path, monitor: str) -> set[int]:
    """Report the epochs that a retried trial has behind it; their numbers."""
    table = pd.read_csv(path) if path.exists() else pd.DataFrame()
    if monitor not in table:
        return set()
    rows = table.dropna(subset=monitor)
    for epoch, value in zip(rows["epoch"].tolist(), rows[monitor].tolist(), strict=True):
        trial.report(value, epoch)
    return set(rows["epoch"].tolist())
