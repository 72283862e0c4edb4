"""Hyperparameters and final metrics of runs, side by side."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nucleotides.errors import UnknownNameError
from nucleotides.train.better import better
from nucleotides.train.list_runs import read_config

_MEDIANS = {"auroc": "auroc", "average_precision": "ap", "lift": "lift"}
_PARTS = {"validation": "val", "test": "test"}
_OF_EPOCH = ("epoch", "train_loss", "val_loss", "val_auroc", "val_ap", "val_lift")
METRICS = (
    *("epoch", "train_loss", "val_loss"),
    *(f"{part}_{name}" for part in _PARTS.values() for name in _MEDIANS.values()),
)
"""Of the best epoch so far; `epoch` is its number. Medians over tasks."""
_MORE_IS_BETTER = {name for name in METRICS if not name.endswith("loss")}
_ALWAYS_OWN = {"run_name", "ckpt_path", "logs", "config"}
_MAIN = ("model_class", "loss_type", "learning_rate", "batch_size", "max_epochs", "seed")


def compare_runs(
    runs: Sequence[Path],
    logs: Path,
    hyperparameters: Sequence[str] = (),
    sort: str | None = None,
) -> pd.DataFrame:
    """A row a run: its name, hyperparameters, final metrics; None where a run has no such value.

    Args:
        runs: their folders.
        logs: runs below it are named relative to it, others by their path.
        hyperparameters: which ones, as `nucleotides train` takes them (model.hidden for one of the
            model's own); by default those that differ between the runs, or, where none does,
            the main ones.
        sort: the column to sort by, whether it is shown or not: best first for a metric, least
            first for a hyperparameter, runs without a value last.

    Raises:
        UnknownNameError: no run has such a hyperparameter or metric; the message names close ones.
    """
    configs = [flatten(read_config(run)) for run in runs]
    metrics = [read_metrics(run) for run in runs]
    known = list(dict.fromkeys(name for config in configs for name in config))
    asked = [*hyperparameters, *([sort] if sort else [])]
    known += [n for n in asked if n not in (*known, *METRICS) and _is_argument(n)]
    for name in hyperparameters:
        _check("hyperparameter", name, known)
    shown = list(hyperparameters) or _differing(configs, known)
    rows = zip(runs, configs, metrics, strict=True)
    every = {"run", *known, *METRICS}
    table = pd.DataFrame(
        [{"run": _name(run, logs), **config, **scores} for run, config, scores in rows],
        columns=["run", *known, *METRICS],
        dtype=object,
    )
    if sort:
        _check("column", sort, every)
        table = table.iloc[_order(table[sort].tolist(), descending=sort in _MORE_IS_BETTER)]
    table = table[["run", *shown, *METRICS]].reset_index(drop=True)
    return table.astype(object).where(table.notna(), None)


def flatten(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration by the names of its flags; arguments of model and loss get a prefix."""
    flat: dict[str, Any] = {}
    for name, value in config.items():
        if name in ("model", "loss"):
            flat |= {f"{name}.{key}": inner for key, inner in (value or {}).items()}
        else:
            flat[name] = value
    return flat


def read_metrics(run: Path) -> dict[str, float]:
    """Final metrics of a run, as far as there are any."""
    found: dict[str, float] = {}
    path = run / "metrics.csv"
    if path.is_file():
        epochs = pd.read_csv(path)
        if len(epochs):
            row = epochs.iloc[_best(epochs, read_config(run))]
            found |= {name: row[name] for name in _OF_EPOCH if name in epochs}
    for part, prefix in _PARTS.items():
        path = run / f"{part}.json"
        if path.is_file():
            medians = json.loads(path.read_text())["summary"]["all"]
            found |= {f"{prefix}_{s}": medians[m]["median"] for m, s in _MEDIANS.items()}
    return found


def _best(epochs: pd.DataFrame, config: Mapping[str, Any]) -> int:
    """The row of the epoch whose checkpoint is the best; the last where that is not known."""
    monitor = str(config.get("monitor"))
    if monitor not in epochs or epochs[monitor].isna().all():
        return len(epochs) - 1
    values = epochs[monitor]
    less = better(monitor, config.get("monitor_mode")) == "min"
    return int(values.argmin() if less else values.argmax())


def _name(run: Path, logs: Path) -> str:
    return run.relative_to(logs).as_posix() if run.is_relative_to(logs) else str(run)


def _is_argument(name: str) -> bool:
    """Whether `train` has such an argument, which no run was given: a configuration lacks it."""
    from nucleotides.train.arguments import build_parser

    return any(action.dest == name for action in build_parser()._actions)


def _differing(configs: Sequence[Mapping[str, Any]], known: Sequence[str]) -> list[str]:
    def differs(name: str) -> bool:
        values = [config.get(name) for config in configs]
        return any(value != values[0] for value in values)

    found = [name for name in known if name not in _ALWAYS_OWN and differs(name)]
    return found or [name for name in _MAIN if name in known]


def _order(values: Sequence[Any], *, descending: bool) -> list[int]:
    """Positions in order: numbers by size, then words, then what is absent."""

    def key(i: int) -> tuple[int, float, str]:
        value = values[i]
        if value is None or value != value:
            return 2, 0.0, ""
        if isinstance(value, (int, float)):
            return 0, -value if descending else value, ""
        return 1, 0.0, str(value)

    return sorted(range(len(values)), key=key)


def _check(kind: str, name: str, known: Sequence[str] | set[str]) -> None:
    if name not in known:
        close = difflib.get_close_matches(name, known, n=5, cutoff=0.5)
        close += [k for k in sorted(known) if k not in close and name.lower() in k.lower()][:5]
        raise UnknownNameError(kind, name, known, f"(close: {', '.join(close)})" if close else "")
