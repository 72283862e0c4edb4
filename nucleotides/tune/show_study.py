"""What a study found: its trials, what mattered, and the best configuration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from nucleotides.files import replacing
from nucleotides.train.list_runs import read_config
from nucleotides.tune.open_study import TRIALS, import_optuna

_OF_A_RUN = ("logs", "run_name", "ckpt_path", "config")
_ENOUGH = 4


@dataclass(frozen=True)
class Found:
    """What a study found.

    Attributes:
        trials: a row a trial, best first: number, state, value (of those completed), epochs, the
            parameters, run.
        importance: part of the variance of values that each parameter accounts for (fANOVA, Hutter
            et al. 2014); empty below four completed trials.
        best: a YAML file that `train --config` takes, or None before the first completed trial.
    """

    trials: pd.DataFrame
    importance: dict[str, float]
    best: Path | None


def describe_study(study: Any, folder: Path) -> Found:
    """Read a study, and write trials.tsv and best.yaml to its folder."""
    table = _table(study)
    with replacing(folder / "trials.tsv") as temporary:
        table.to_csv(temporary, sep="\t", index=False)
    return Found(table, _importance(study), _write_best(study, folder))


def _table(study: Any) -> pd.DataFrame:
    rows = [
        {
            "trial": trial.number,
            "state": trial.state.name.lower(),
            "value": trial.value if trial.state.name == "COMPLETE" else None,
            "epochs": max(trial.intermediate_values, default=None),
            **trial.params,
            "run": trial.user_attrs.get("run"),
        }
        for trial in study.trials
    ]
    columns = ["trial", "state", "value", "epochs"]
    names = [n for n in dict.fromkeys(name for row in rows for name in row) if n not in columns]
    ordered = [*columns, *(name for name in names if name != "run"), "run"]
    table = pd.DataFrame(rows, columns=ordered).astype({"epochs": "Int64", "value": float})
    falling = study.direction.name == "MAXIMIZE"
    return table.sort_values("value", ascending=not falling, kind="stable", ignore_index=True)


def _importance(study: Any) -> dict[str, float]:
    optuna = import_optuna()
    completed = [t for t in study.trials if t.state.name == "COMPLETE"]
    if len(completed) < _ENOUGH or len({t.value for t in completed}) < 2:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(value) for name, value in found.items()}


def _write_best(study: Any, folder: Path) -> Path | None:
    if not any(trial.state.name == "COMPLETE" for trial in study.trials):
        return None
    best = study.best_trial
    config = read_config(folder / TRIALS / best.user_attrs["run"])
    kept = {name: value for name, value in config.items() if name not in _OF_A_RUN}
    path = folder / "best.yaml"
    head = f"# Trial {best.number} of {folder}, value {best.value:.6g}:\n"
    head += f"#   nucleotides train --config {path}\n"
    with replacing(path) as temporary:
        temporary.write_text(head + yaml.safe_dump(kept, sort_keys=False))
    return path
