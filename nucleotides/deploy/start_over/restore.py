"""Put an archive back: every file where it was, whole, or nothing at all."""

from __future__ import annotations

import os

from nucleotides.deploy.start_over.archives import find_archive, remove_folder
from nucleotides.deploy.start_over.find_products import local
from nucleotides.deploy.start_over.journal import Journal
from nucleotides.deploy.start_over.move_file import alike, move_file
from nucleotides.deploy.start_over.start_over import alone_with, start_over
from nucleotides.errors import InputError, StoreError
from nucleotides.settings import Settings

_SHOWN = 3


def restore_archive(settings: Settings, name: str, *, set_aside: bool = False) -> Journal:
    """Move every file of an archive back to where it was; the archive is no more then.

    Killed at any moment and called again, it goes on. An archive that was not finished is undone.

    Args:
        settings: where everything lies.
        name: of the archive.
        set_aside: start over first, so that what has been made since goes to an archive of its
            own; else it is in the way.

    Returns:
        The journal, with the files that were put back.

    Raises:
        UnknownNameError: there is no such archive.
        InputError: files made since are in the way; nothing was moved.
        StoreError: the archive is being removed.
        BusyError, OutOfSpaceError: as `start_over`.
    """
    folder = local(settings, "ARCHIVE_DIR")
    journal = find_archive(folder, name)
    if set_aside and journal.state != "restoring":
        start_over(settings)
    with alone_with(settings):
        journal = find_archive(folder, name)
        if journal.state == "removing":
            raise StoreError(f"the archive {name} is being removed, and no longer whole")
        _check_room(journal)
        if journal.state != "restoring":
            journal = journal.become("restoring")
        for entry in reversed(journal.entries):
            move_file(journal.kept(entry), entry.path)
        remove_folder(journal)
    return journal


def _check_room(journal: Journal) -> None:
    """Refuse to begin while another file is where one is to go."""
    newer = [
        entry.path
        for entry in journal.entries
        if os.path.lexists(journal.kept(entry))
        and os.path.lexists(entry.path)
        and not alike(journal.kept(entry), entry.path)
    ]
    if newer:
        shown = ", ".join(map(str, newer[:_SHOWN])) + (", ..." if len(newer) > _SHOWN else "")
        raise InputError(
            f"{len(newer)} file{'s' * (len(newer) != 1)} made since would be in the way: {shown}. "
            "Put them in an archive of their own first: add --set-aside, or run "
            "`nucleotides start-over`"
        )
