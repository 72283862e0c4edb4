"""A study in a folder: what was tried, kept in SQLite, held by one process at a time."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from nucleotides.errors import InputError, MissingDependencyError
from nucleotides.hold import alone_in

DATABASE = "study.db"
TRIALS = "trials"
"""The folder of the runs, one a trial."""
_NAME = "nucleotides"
Pruner = Literal["median", "hyperband", "none"]


def import_optuna() -> Any:
    """The package that chooses.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        optuna = importlib.import_module("optuna")
    except ImportError as error:
        raise MissingDependencyError("optuna", "tune") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def trial_states() -> Any:
    """COMPLETE, PRUNED, FAIL, RUNNING, WAITING."""
    return import_optuna().trial.TrialState


@contextmanager
def open_study(folder: Path, facts: dict[str, Any], better: str) -> Iterator[Any]:
    """The study in `folder`, a new one where there is none; nobody else's until it is closed.

    Args:
        folder: of the study.
        facts: what must be the same for its trials to be compared; kept with the study.
        better: min or max.

    Raises:
        BusyError: another process is at it.
        InputError: the study is one of other facts; the message names them.
    """
    optuna = import_optuna()
    with alone_in(folder):
        storage = optuna.storages.RDBStorage(f"sqlite:///{folder.absolute() / DATABASE}")
        try:
            study = optuna.create_study(
                storage=storage,
                study_name=_NAME,
                direction="maximize" if better == "max" else "minimize",
                load_if_exists=True,
            )
            _agree(study, facts, folder)
            yield study
        finally:
            storage.remove_session()
            storage.engine.dispose()


def set_choosers(study: Any, pruner: Pruner, seed: int, n_random: int, max_epochs: int) -> None:
    """Tree-structured Parzen estimator (Bergstra et al. 2011), and who ends trials early.

    The seed moves on with the trials there are: a study that is gone on with does not draw what it
    drew before.
    """
    optuna = import_optuna()
    drawn = len(study.get_trials(deepcopy=False))
    study.sampler = optuna.samplers.TPESampler(seed=seed + drawn, n_startup_trials=n_random)
    study.pruner = {
        "median": lambda: optuna.pruners.MedianPruner(n_startup_trials=n_random),
        "hyperband": lambda: optuna.pruners.HyperbandPruner(max_resource=max(max_epochs, 1)),
        "none": optuna.pruners.NopPruner,
    }[pruner]()


def _agree(study: Any, facts: dict[str, Any], folder: Path) -> None:
    known = study.user_attrs.get("facts")
    if known is None:
        study.set_user_attr("facts", facts)
        return
    names = [name for name in {**known, **facts} if known.get(name) != facts.get(name)]
    if names:
        told = "; ".join(f"{n}: {known.get(n)!r} before, {facts.get(n)!r} now" for n in names[:3])
        raise InputError(
            f"{folder} holds a study of something else, its trials cannot be compared ({told}): "
            "give another --study"
        )
