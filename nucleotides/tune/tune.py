"""A search, from top to bottom: trial after trial, each a run of `train`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nucleotides.errors import InputError
from nucleotides.progress import say
from nucleotides.tune.check_search import Configure, check_search, common_facts
from nucleotides.tune.open_study import (
    Pruner,
    import_optuna,
    open_study,
    set_choosers,
    trial_states,
)
from nucleotides.tune.run_trial import run_trial
from nucleotides.tune.search_space import Space
from nucleotides.tune.show_study import Found, describe_study

_RETRIES = 2
_FAILURES = 3


@dataclass(frozen=True)
class Search:
    """What to search, and for how long.

    Attributes:
        folder: of the study: study.db, trials.tsv, best.yaml, and a run for each trial.
        space: where values may lie.
        arguments: of `train`, the same for all trials.
        trials: stop when the study has so many that were completed or pruned, earlier ones too.
        timeout: begin no trial after so many seconds.
        pruner: who ends trials that do worse than others at the same epoch.
        n_random: so many trials are drawn at random and not pruned, before anything is learned.
    """

    folder: Path
    space: Space
    arguments: Sequence[str]
    trials: int = 20
    timeout: float | None = None
    pruner: Pruner = "median"
    n_random: int = 5


def tune(search: Search, configure: Configure) -> Found:
    """Search; killed at any time and called again, it goes on.

    A trial that was killed or stopped is retried, and goes on from its last checkpoint; one that
    was killed three times counts as failed. So does one whose arguments cannot be, or that runs out
    of memory; three of those in a row end the search.

    Args:
        search: what to search.
        configure: makes a configuration of arguments of `train`.

    Raises:
        MissingDependencyError: optuna is not installed.
        InputError: arguments that `train` does not take, or a folder with another study.
        BusyError: another process searches in that folder.
        KeyboardInterrupt: Ctrl-C; the trial at hand will be gone on with.
    """
    import_optuna()
    check_search(search.space, search.arguments, configure)
    base = configure(search.arguments)
    end = None if search.timeout is None else time.monotonic() + search.timeout
    facts = common_facts(search.space, base)
    with open_study(search.folder, facts, base.options.better) as study:
        if search.trials:
            _retry_killed(study)
        epochs = base.trainer["max_epochs"] or 1
        set_choosers(study, search.pruner, base.options.seed, search.n_random, epochs)
        failures = 0
        while _n_done(study) < search.trials and (end is None or time.monotonic() < end):
            failures = 0 if _try(study, search, configure, failures + 1) else failures + 1
            describe_study(study, search.folder)
        return describe_study(study, search.folder)


def _try(study: Any, search: Search, configure: Configure, failures: int) -> bool:
    """Run the next trial; whether it could be trained.

    Args:
        failures: of trials in a row, if this one fails too.
    """
    trial = study.ask()
    try:
        run_trial(study, trial, search.folder, search.space, search.arguments, configure)
    except KeyboardInterrupt:
        _retry(study, trial.number, killed=False)
        raise
    except (InputError, torch.OutOfMemoryError) as error:
        study.tell(trial, state=trial_states().FAIL)
        say(f"trial {trial.number} failed: {error}")
        if failures == _FAILURES:
            raise
        return False
    return True


def _retry_killed(study: Any) -> None:
    """Trials that no process trains any more, as this one holds the study."""
    for trial in study.get_trials(states=(trial_states().RUNNING,)):
        _retry(study, trial.number, killed=True)


def _retry(study: Any, number: int, *, killed: bool) -> None:
    """Let a trial fail, and the same parameters go on in its folder, next in turn."""
    trial = study.trials[number]
    study.tell(number, state=trial_states().FAIL)
    kills = trial.user_attrs.get("kills", 0) + killed
    if trial.params and kills <= _RETRIES:
        attributes = {"run": trial.user_attrs["run"], "kills": kills}
        study.enqueue_trial(trial.params, user_attrs=attributes)


def _n_done(study: Any) -> int:
    done = (trial_states().COMPLETE, trial_states().PRUNED)
    return len(study.get_trials(deepcopy=False, states=done))
