"""`nucleotides show-hyperparameters`: runs side by side."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nucleotides.cli.many_words import ManyWords

COMMAND_CLASS = ManyWords


class Format(StrEnum):
    """How the table is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def show_hyperparameters(
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="RUN...", help="Names or folders. [default: all]")
    ] = None,
    hyperparameters: Annotated[
        list[str] | None,
        typer.Option(
            help="Which ones, one or more: learning_rate model.hidden. "
            "[default: those that differ between the runs]"
        ),
    ] = None,
    logs: Annotated[
        Path | None, typer.Option(help="Folder of the runs. [default: setting LIGHTNING_LOGS]")
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(help="Sort by a metric, best first, or by a hyperparameter, least first."),
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.TABLE,
) -> None:
    """Compare runs: hyperparameters, and metrics of the best checkpoint, a row a run.

    val_ and test_ metrics are medians over tasks; those of a run that was not finished are of its
    best epoch so far. A value that a run does not have is a blank.
    """
    from nucleotides.cli.tables import print_table
    from nucleotides.load_settings import load_settings
    from nucleotides.train.compare_runs import compare_runs
    from nucleotides.train.list_runs import name_runs

    folder = logs or Path(load_settings().LIGHTNING_LOGS)
    table = compare_runs(name_runs(runs or [], folder), folder, hyperparameters or [], sort)
    if format is Format.JSON:
        typer.echo(table.to_json(orient="records", indent=2))
    elif format is Format.CSV:
        typer.echo(table.to_csv(index=False), nl=False)
    else:
        print_table(table.dropna(axis=1, how="all"))
