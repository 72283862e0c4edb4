"""`nucleotides doctor`: what works here, what does not, and what mends it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nucleotides.doctor import Check

STYLES = {"ok": "green", "absent": "dim", "warning": "yellow", "error": "bold red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Check this installation, machine and data; exit code 1 if something does not work.

    Data that is not there yet and optional parts that are not installed are no failures: the
    table says which command brings them.
    """
    from nucleotides.doctor import State, examine
    from nucleotides.load_settings import load_settings

    checks = examine(load_settings())
    failed = any(check.state is State.ERROR for check in checks)
    if as_json:
        report = {"ok": not failed, "checks": [asdict(check) for check in checks]}
        typer.echo(json.dumps(report, indent=2))
    else:
        _print_table(checks)
    raise typer.Exit(int(failed))


def _print_table(checks: list[Check]) -> None:
    """One row a check; what to do about it below what was found."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("Check", max_width=22, overflow="fold")
    table.add_column("State", no_wrap=True)
    table.add_column("Found, and what to do", overflow="fold")
    shown = ""
    for check in checks:
        found = Text(check.found)
        if check.advice:
            found.append(f"\n-> {check.advice}", "cyan")
        state = Text(check.state, STYLES[check.state])
        table.add_row("" if check.group == shown else check.group, Text(check.name), state, found)
        shown = check.group
    Console(highlight=False).print(table)
