"""`nucleotides archive`: what start-over moved away, and its way back."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Action(StrEnum):
    """What to do with archives."""

    LIST = "list"
    RESTORE = "restore"


def archive(
    action: Annotated[Action, typer.Argument(help="list, or restore one.")],
    name: Annotated[str | None, typer.Argument(help="Of the archive to restore.")] = None,
    set_aside: Annotated[
        bool,
        typer.Option(
            "--set-aside", help="What was made since goes to an archive of its own first."
        ),
    ] = False,
) -> None:
    """List the archives of start-over, or bring one back.

    A restored archive is where it was, file by file, and no longer in ARCHIVE_DIR. Files made since
    are never overwritten. Stopped at any moment, restoring is finished by the next call.
    """
    from nucleotides.deploy.start_over.archives import list_archives
    from nucleotides.deploy.start_over.find_products import local
    from nucleotides.deploy.start_over.restore import restore_archive
    from nucleotides.encode.words import as_bytes
    from nucleotides.errors import InputError
    from nucleotides.load_settings import load_settings

    settings = load_settings()
    if action is Action.LIST:
        for one in list_archives(local(settings, "ARCHIVE_DIR")):
            size = sum(entry.size for entry in one.entries)
            state = "" if one.state == "whole" else f", {one.state}: stopped half-way"
            count = f"{len(one.entries)} file{'s' * (len(one.entries) != 1)}"
            typer.echo(f"{one.name}  {count}, {as_bytes(size)}{state}")
        return
    if name is None:
        raise InputError("which one? `nucleotides archive list` lists all")
    journal = restore_archive(settings, name, set_aside=set_aside)
    typer.echo(f"restored {len(journal.entries)} files of {journal.name}")
