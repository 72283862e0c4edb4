"""`nucleotides settings`: what is set, from where, and how to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nucleotides.settings import Settings


def settings(
    name: Annotated[
        str | None, typer.Argument(help="One setting, in any case; all of them if left out.")
    ] = None,
    verbose: Annotated[
        bool,
        typer.Option(
            help="Show where each value comes from and how to change it, "
            "or print the bare value (NAME=value lines if no NAME is given)."
        ),
    ] = True,
) -> None:
    """Show all settings, or one: name, value, and where the value comes from."""
    from nucleotides.load_settings import load_settings, setting_name
    from nucleotides.settings import Settings

    names = [setting_name(name)] if name else list(Settings.model_fields)
    loaded = load_settings()
    if verbose:
        _print_table(loaded, names)
    else:
        _print_bare(loaded, names, alone=name is not None)


def _print_bare(settings: Settings, names: list[str], alone: bool) -> None:
    """The value alone, or lines that can be kept as `.env`; unset is empty."""
    from nucleotides.settings import PREFIX

    for name in names:
        value = getattr(settings, name)
        text = "" if value is None else str(value)
        typer.echo(text if alone else f"{PREFIX}{name}={text}")


def _print_table(settings: Settings, names: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("Setting", no_wrap=True)
    table.add_column("Value", overflow="fold")
    table.add_column("From", no_wrap=True)
    for name in names:
        value = getattr(settings, name)
        shown = Text("unset", "dim") if value is None else Text(str(value))
        table.add_row(Text(name), shown, Text(settings.sources[name]))
    console = Console(highlight=False)
    console.print(table)
    console.print(Text(_how_to_change(settings, names)))


def _how_to_change(settings: Settings, names: list[str]) -> str:
    """The three ways, and for one setting what it is."""
    from nucleotides.settings import PREFIX

    name = names[0] if len(names) == 1 else "NAME"
    about = f"\n{type(settings).model_fields[name].description}" if name in names else ""
    return f"""{about}
Three ways to change {"it" if about else "a setting"}, the first one found counts:
  1. in the environment:   export {PREFIX}{name}=value
  2. in the file .env:     {PREFIX}{name}=value
  3. its default:          class Settings in nucleotides/settings.py"""
