"""Put an archive back: every file where it was, whole, or nothing at all."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from nucleotides.deploy.start_over.archives import (
    find_archive,
    remove_empty,
    remove_folder,
)
from nucleotides.deploy.start_over.check_space import check_space
from nucleotides.deploy.start_over.find_products import find_link, local
from nucleotides.deploy.start_over.journal import Journal, top_of
from nucleotides.deploy.start_over.move_file import alike, keep_owner, move_file
from nucleotides.deploy.start_over.start_over import alone_with, start_over
from nucleotides.encode.words import as_files
from nucleotides.errors import CorruptStoreError, InputError, StoreError
from nucleotides.settings import Settings

_SHOWN = 3


def restore_archive(
    settings: Settings, name: str, *, set_aside: bool = False, as_is: bool = False
) -> Journal:
    """Move every file of an archive back to where it was; the archive is no more then.

    What was below TOP_DIR comes back below TOP_DIR, should that have been moved since. Killed at
    any moment and called again, it goes on. An archive that was not finished is undone.

    Args:
        settings: where everything lies.
        name: of the archive.
        set_aside: start over first, so that what has been made since goes to an archive of its
            own; else it is in the way.
        as_is: also when files are missing in the archive, or were changed there.

    Returns:
        The journal, with the files that were put back, where they are now; with none if all were
        back, and nothing but the archive's empty folder was left.

    Raises:
        UnknownNameError: there is no such archive.
        InputError: files made since are in the way, a link leads out of the folder that was set,
            or TOP_DIR is not that of the archive, which is still there; nothing was moved.
        CorruptStoreError: files of the archive are missing or were changed; nothing was moved.
        StoreError: the archive is being removed.
        BusyError, OutOfSpaceError: as `start_over`.
    """
    folder = local(settings, "ARCHIVE_DIR")
    if name in remove_empty(folder):
        return Journal(folder / name, "restoring", "", ())
    journal = _moved_along(find_archive(folder, name), local(settings, "TOP_DIR"))
    _check_links(journal, settings)
    if not (as_is or journal.state == "removing"):
        _check_kept(journal)
    if set_aside and journal.state != "restoring":
        start_over(settings)
    with alone_with(settings):
        journal = _moved_along(find_archive(folder, name), local(settings, "TOP_DIR"))
        if journal.state == "removing":
            raise StoreError(f"the archive {name} is being removed, and no longer whole")
        _check_links(journal, settings)
        _check_room(journal)
        check_space(
            [(journal.kept(one), one.path, one.size) for one in journal.entries],
            "Make room there, then run it again.",
        )
        if journal.state != "restoring":
            journal = journal.become("restoring")
        back = [one for one in reversed(journal.entries) if move_file(journal.kept(one), one.path)]
        for made in journal.folders:
            if made.path.is_dir() and not made.path.is_symlink():
                keep_owner(made.path, made.uid, made.gid)
                made.path.chmod(made.mode)
                os.utime(made.path, ns=(made.mtime_ns, made.mtime_ns))
        remove_folder(journal)
    return replace(journal, entries=tuple(reversed(back)))


def _moved_along(journal: Journal, top: Path) -> Journal:
    """The journal with its places below the present TOP_DIR.

    Raises:
        InputError: that of the archive is still there, and another folder.
    """
    old = {found for entry in journal.entries if (found := top_of(entry))}
    for other in old - {top}:
        if other.is_dir() and not (top.is_dir() and other.samefile(top)):
            raise InputError(
                f"the archive {journal.name} is of TOP_DIR {other}, which is there, and TOP_DIR is "
                f"{top}: restore it with NUCLEOTIDES_TOP_DIR={other}"
            )
    entries = tuple(
        replace(one, path=top / one.kept_as) if top_of(one) else one for one in journal.entries
    )
    folders = tuple(
        replace(one, path=top / one.kept_as) if top_of(one) else one for one in journal.folders
    )
    return replace(journal, entries=entries, folders=folders)


def _check_kept(journal: Journal) -> None:
    """Refuse to begin while the archive lacks a file, or has one that is not as it was."""
    wrong = []
    for entry in journal.entries:
        kept = journal.kept(entry)
        if os.path.lexists(kept):
            wrong += [] if entry.is_about(kept) else [f"{kept} was changed"]
        elif journal.state == "whole" or not os.path.lexists(entry.path):
            wrong.append(f"{kept} is missing")
    if wrong:
        shown = ", ".join(wrong[:_SHOWN]) + (", ..." if len(wrong) > _SHOWN else "")
        raise CorruptStoreError(
            f"{len(wrong)} of the {len(journal.entries)} files of the archive {journal.name} are "
            f"not what was archived: {shown}. Nothing was moved; --as-is restores what is there"
        )


def _check_links(journal: Journal, settings: Settings) -> None:
    """Refuse to begin where a link leads out of TOP_DIR, or of a folder that was set."""
    for entry in journal.entries:
        if link := find_link(entry.path, settings):
            raise InputError(
                f"{entry.path} would come to lie beyond the link {link}, and links are not "
                "followed. Nothing was moved: put a folder in its place, or, if that is meant, set "
                "the folder's own setting, as DATA_DIR, to where it is"
            )


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
            f"{as_files(len(newer))} made since would be in the way: {shown}. "
            "Put them in an archive of their own first: add --set-aside, or run "
            "`nucleotides start-over`"
        )
