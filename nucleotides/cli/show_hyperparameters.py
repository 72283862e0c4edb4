"""`nucleotides show-hyperparameters`: runs side by side."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nucleotides.cli.many_words import ManyWords

if TYPE_CHECKING:
    import pandas as pd

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
    last epoch. A value that a run does not have is a blank.
    """
    from nucleotides.settings import load_settings
    from nucleotides.train.compare_runs import compare_runs
    from nucleotides.train.list_runs import name_runs

    folder = logs or Path(load_settings().LIGHTNING_LOGS)
    table = compare_runs(name_runs(runs or [], folder), folder, hyperparameters or [], sort)
    if format is Format.JSON:
        typer.echo(table.to_json(orient="records", indent=2))
    elif format is Format.CSV:
        typer.echo(table.to_csv(index=False), nl=False)
    else:
        _print(table.dropna(axis=1, how="all"))


def _print(table: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    shown = Table(header_style="bold", box=None, pad_edge=False)
    for column in table:
        left = column == "run" or any(isinstance(value, str) for value in table[column])
        shown.add_column(str(column), justify="left" if left else "right", no_wrap=True)
    for row in table.itertuples(index=False):
        shown.add_row(*map(_cell, row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=10_000)
    console.print(shown)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
