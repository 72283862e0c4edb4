"""A group of commands whose modules are imported only when one of them is used."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from nucleotides.cli.commands import COMMANDS
from nucleotides.cli.failures import reported
from nucleotides.errors import InputError


class LazyGroup(TyperGroup):
    """Lists commands from a table; loads the one asked for; reports its failures.

    The group is filled with empty commands that know their name and summary, which is all that
    `--help` and completion of names need. The empty one is exchanged when it is to do something.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The name, the loaded command and the arguments left."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; errors raised on purpose become messages and exit codes."""
        with reported(debug=ctx.params["debug"]):
            return super().invoke(ctx)


def load(name: str) -> Any:
    """The click command called `name`, made from the function in its module."""
    entry = COMMANDS[name]
    module = importlib.import_module(f"nucleotides.cli.{entry.module}")
    app = typer.Typer(add_completion=False)
    app.command(
        name,
        cls=getattr(module, "COMMAND_CLASS", None),
        short_help=entry.summary,
        context_settings=getattr(module, "CONTEXT_SETTINGS", None),
    )(getattr(module, entry.function))
    command = typer.main.get_command(app)
    _show_brackets(command)
    _refuse_empty(command)
    return command


def _refuse_empty(command: Any) -> None:
    """Have every option and argument refuse an empty word."""
    for parameter in command.params:
        parameter.process_value = _not_empty(parameter, parameter.process_value)


def _not_empty(parameter: Any, convert: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse an empty word before it is converted: as a path it would be the working directory.

    Nor must `--destination "$DEST"`, with DEST unset, be as if it had been left out.
    """

    def checked(ctx: Any, value: Any) -> Any:
        empty = value == "" or (isinstance(value, list | tuple) and "" in value)
        if empty and ctx.get_parameter_source(parameter.name).name == "COMMANDLINE":
            option = parameter.param_type_name == "option"
            name = parameter.opts[0] if option else parameter.name.upper()
            raise InputError(f"{name} is empty: give a value, or leave it out")
        return convert(ctx, value)

    return checked


def _show_brackets(command: Any) -> None:
    """Keep `nucleotides[serve]` in help texts from being taken for rich's markup."""
    from rich.markup import escape

    command.help = escape(command.help or "")
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = escape(parameter.help)
