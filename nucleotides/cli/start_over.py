"""`nucleotides start-over`: make room for the next round."""

from __future__ import annotations

from typing import Annotated

import typer


def start_over(
    delete: Annotated[
        bool, typer.Option("--delete/--no-delete", help="Delete, instead of moving to an archive.")
    ] = False,
    overwrite_archive: Annotated[
        bool,
        typer.Option(
            "--overwrite-archive", help="Remove earlier archives, once the new one is whole."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
) -> None:
    """Move to an archive what the next round must make anew.

    Metadata tables, selection, target store and TARGET, tasks, intervals, positive weights, log,
    preprocessed beds, map of the tasks and mean predictions go to a folder of ARCHIVE_DIR that is
    named by date and time. Downloads, the reference, your own beds, training runs, models and
    predictions stay, and so does every file that is not known. Stopped at any moment, it is
    finished by the next call. `nucleotides archive restore` brings an archive back.
    """
    from nucleotides.deploy.start_over.start_over import plan_start_over
    from nucleotides.deploy.start_over.start_over import start_over as run
    from nucleotides.encode.words import as_files
    from nucleotides.errors import InputError
    from nucleotides.load_settings import load_settings

    if delete and overwrite_archive:
        raise InputError("--delete makes no archive: leave --overwrite-archive out")
    settings = load_settings()
    plan = plan_start_over(settings, delete=delete, overwrite_archive=overwrite_archive)
    lines = list(plan.lines())
    for line in lines:
        typer.echo(line)
    if plan.links and not plan.products:
        raise InputError(
            f"what was made lies beyond the link {plan.links[0]}, and links are not followed: if "
            "that is meant, set the folder's own setting, as DATA_DIR, to where it is"
        )
    if not plan.products and not plan.pending:
        typer.echo("nothing to start over from: nothing was made yet")
    if dry_run or not (plan.products or plan.pending):
        return
    journal, done = run(settings, delete=delete, overwrite_archive=overwrite_archive)
    for sentence in done:
        typer.echo(sentence)
    if delete:
        typer.echo(f"deleted {as_files(len(plan.products))}")
    elif journal:
        typer.echo(f"moved {as_files(len(journal.entries))} to {journal.folder}")
        typer.echo(f"back: nucleotides archive restore {journal.name}")
