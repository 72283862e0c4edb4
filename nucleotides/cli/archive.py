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
    as_is: Annotated[
        bool,
        typer.Option(
            "--as-is", help="Restore also when files of the archive are missing or were changed."
        ),
    ] = False,
) -> None:
    """List the archives of start-over, or bring one back.

    A restored archive is where it was, file by file, and no longer in ARCHIVE_DIR; should TOP_DIR
    have been moved since, what was below it comes back there. Files made since are never
    overwritten. If files of the archive are missing or were changed, nothing is restored. Stopped
    at any moment, restoring is finished by the next call.
    """
    from nucleotides.deploy.start_over.archives import (
        damaged_archives,
        list_archives,
        remove_empty,
    )
    from nucleotides.deploy.start_over.find_products import local
    from nucleotides.deploy.start_over.restore import restore_archive
    from nucleotides.encode.words import as_bytes, as_files
    from nucleotides.errors import InputError
    from nucleotides.load_settings import load_settings

    if action is Action.LIST and (name is not None or set_aside or as_is):
        what = name or ("--set-aside" if set_aside else "--as-is")
        raise InputError(f"`archive list` lists all, and takes no {what}, which is of restore")
    settings = load_settings()
    if action is Action.LIST:
        remove_empty(local(settings, "ARCHIVE_DIR"))
        for one in list_archives(local(settings, "ARCHIVE_DIR")):
            size = sum(entry.size for entry in one.entries)
            state = "" if one.state == "whole" else f", {one.state}: stopped half-way"
            typer.echo(f"{one.name}  {as_files(len(one.entries))}, {as_bytes(size)}{state}")
        for damaged, why in damaged_archives(local(settings, "ARCHIVE_DIR")).items():
            typer.echo(f"{damaged}  damaged: {why}")
        return
    if name is None:
        raise InputError("which one? `nucleotides archive list` lists all")
    journal = restore_archive(settings, name, set_aside=set_aside, as_is=as_is)
    if not journal.entries:
        typer.echo(f"nothing is left in {journal.name}: what was restored from it is back")
        return
    top = local(settings, "TOP_DIR")
    beyond = [one.path for one in journal.entries if not one.path.is_relative_to(top)]
    where = f" ({len(beyond)} of them beyond it, as {beyond[0]})" if beyond else ""
    typer.echo(f"restored {as_files(len(journal.entries))} of {journal.name} to {top}{where}")
