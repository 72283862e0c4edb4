"""What the user sees when something goes wrong: a message, not a traceback."""

from __future__ import annotations

import errno
import os
import textwrap
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from nucleotides.errors import NucleotidesError, OutOfSpaceError, printable
from nucleotides.leftovers import meant_by

INTERRUPTED = 130
"""Exit code of a process ended by Ctrl-C: 128 + SIGINT."""


@contextmanager
def reported(debug: bool = False) -> Iterator[None]:
    """Turn errors raised on purpose, a full disk and Ctrl-C into a message and an exit code.

    Anything else is a bug and passes through with its traceback.

    Raises:
        typer.Exit: with the error's exit code, after the message was written to stderr.
    """
    try:
        yield
    except KeyboardInterrupt as stopped:
        fail(str(stopped) or "interrupted; nothing is half-written", INTERRUPTED, debug)
    except NucleotidesError as error:
        fail(str(error), error.exit_code, debug)
    except OSError as error:
        if error.errno is None:
            raise
        if error.errno != errno.ENOSPC:
            fail(_told(error), 1, debug)
        place = f" at {error.filename}" if error.filename else ""
        text = f"no space left on the disk{place}; what was there before is unchanged"
        fail(text, OutOfSpaceError.exit_code, debug)


def _told(error: OSError) -> str:
    """What the system says of a path, as the user knows it, with the setting that leads there."""
    if not error.filename:
        return str(error.strerror)
    path = Path(os.fsdecode(error.filename))
    if written := meant_by(path):
        return f"{written} cannot be written: {error.strerror}"
    found = _setting_of(path)
    return f"{error.strerror}: {path}" + (f" (setting {found})" if found else "")


def _setting_of(path: Path) -> str | None:
    """The setting whose place a path is, or is nearest below."""
    from nucleotides.load_settings import load_settings

    try:
        settings = load_settings()
    except NucleotidesError:
        return None
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    above = {
        name: place
        for name, place in values.items()
        if isinstance(place, Path) and path.is_relative_to(place.absolute())
    }
    return max(above, key=lambda name: len(above[name].parts), default=None)


def fail(message: str, exit_code: int, debug: bool = False) -> None:
    """Write `message` to stderr and leave.

    Raises:
        typer.Exit: always.
    """
    if debug:
        typer.echo(traceback.format_exc(), err=True)
    note("error", "red", message)
    raise typer.Exit(exit_code)


def note(label: str, colour: str, message: str) -> None:
    """One paragraph on stderr: coloured on a terminal, on one line in a log."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    text = Text.assemble((f"{label}: ", f"bold {colour}"), printable(textwrap.dedent(message)))
    console.print(text, soft_wrap=not console.is_terminal)
