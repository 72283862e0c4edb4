"""The command line: `nucleotides COMMAND`.

This file only assembles; each command is a small module of its own, imported when it is run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from nucleotides import __version__
from nucleotides.cli.commands import COMMANDS
from nucleotides.cli.lazy import LazyGroup


def main() -> None:
    """Run the command line on sys.argv and exit with its code.

    Threads of torch's that wait for one another sleep instead of spinning: on a machine shared
    with other work spinning costs several times the speed (benchmarks/waiting.py). OpenMP reads
    the variable when torch is loaded, which is later.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _look_in_the_working_directory()
    typer.main.get_command(make_app())(prog_name="nucleotides")


def _look_in_the_working_directory() -> None:
    """Let `--model_class my_module.MyNet` find a file here, as `python -m nucleotides` would.

    A script that was installed looks in its own folder instead. Last, so that a file here hides no
    library; not where PYTHONSAFEPATH forbids it.
    """
    if not sys.flags.safe_path and "" not in sys.path:
        sys.path.append("")


def make_app() -> typer.Typer:
    """The application: the options before a command, and every command by name and summary."""
    app = typer.Typer(cls=LazyGroup, no_args_is_help=True)
    app.callback()(nucleotides)
    for name, entry in COMMANDS.items():
        app.command(name, short_help=entry.summary, help=entry.summary)(_placeholder)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nucleotides {__version__}")
        raise typer.Exit


def nucleotides(
    version: Annotated[  # noqa: ARG001 (read by its callback)
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_print_version,
            help="Print the version and exit.",
        ),
    ] = False,
    debug: Annotated[  # noqa: ARG001 (read by the group)
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """From ENCODE peaks to a trained and tested network that reads DNA."""
    _warn_of_unknown_settings()


def _placeholder() -> None:
    """Stands for a command that has not been loaded."""


def _warn_of_unknown_settings() -> None:
    """Say which NUCLEOTIDES_* variables have no effect; costs nothing where there are none."""
    if not Path(".env").is_file() and not any(
        name.upper().startswith("NUCLEOTIDES_") for name in os.environ
    ):
        return
    from nucleotides.cli.failures import note
    from nucleotides.load_settings import unknown_variables

    for variable in unknown_variables():
        note("warning", "yellow", str(variable))
