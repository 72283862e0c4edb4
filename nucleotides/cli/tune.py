"""`nucleotides tune`: a search over arguments of `train`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nucleotides.tune.show_study import Found

CONTEXT_SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}


class Pruner(StrEnum):
    """Who ends trials early."""

    MEDIAN = "median"
    HYPERBAND = "hyperband"
    NONE = "none"


def tune(
    context: typer.Context,
    space: Annotated[Path, typer.Option(help="YAML file of the search space.")],
    study: Annotated[
        Path | None,
        typer.Option(help="Folder of the study. [default: tune in setting LIGHTNING_LOGS]"),
    ] = None,
    trials: Annotated[
        int, typer.Option(help="Trials in all, those of earlier calls too; 0 only shows.", min=0)
    ] = 20,
    timeout: Annotated[
        float | None, typer.Option(help="Begin no trial after so many seconds.")
    ] = None,
    pruner: Annotated[
        Pruner, typer.Option(help="Who ends trials that do worse than others at the same epoch.")
    ] = Pruner.MEDIAN,
    random_trials: Annotated[
        int, typer.Option(help="Trials drawn at random before anything is learned.", min=1)
    ] = 5,
) -> None:
    """Search for hyperparameters: each trial is a training, judged by --monitor.

    All other options go to `nucleotides train` (`--config`, `--max_epochs`); the space names those
    that are searched, see recipes/tune.yaml. Interrupted or killed, the same command goes on with
    the very trial. The best configuration is kept as a file for `nucleotides train --config`.
    Needs pip install 'nucleotides[tune]'.
    """
    from nucleotides.cli.train_config import configure
    from nucleotides.load_settings import load_settings
    from nucleotides.tune.search_space import read_space
    from nucleotides.tune.tune import Search
    from nucleotides.tune.tune import tune as run

    folder = study or Path(load_settings().LIGHTNING_LOGS) / "tune"
    search = Search(
        folder=folder,
        space=read_space(space),
        arguments=context.args,
        trials=trials,
        timeout=timeout,
        pruner=pruner.value,
        n_random=random_trials,
    )
    _print(run(search, configure), folder)


def _print(found: Found, folder: Path) -> None:
    from nucleotides.cli.tables import print_table
    from nucleotides.tune.open_study import DATABASE

    print_table(found.trials)
    if found.importance:
        told = ", ".join(f"{name} {part:.2f}" for name, part in found.importance.items())
        typer.echo(f"importance: {told}")
    if found.best:
        typer.echo(f"best: nucleotides train --config {found.best}")
    typer.echo(f"to look at it: optuna-dashboard sqlite:///{folder / DATABASE}")
