"""The folder of archives: which there are, and what a killed process left undone."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from nucleotides.deploy.start_over.check_space import check_space, is_full
from nucleotides.deploy.start_over.journal import FILES, NAME, SPARE, Journal, read_journal
from nucleotides.deploy.start_over.move_file import move_file
from nucleotides.errors import CorruptStoreError, OutOfSpaceError, StoreError, UnknownNameError

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?")


def list_archives(folder: Path) -> list[Journal]:
    """Archives below `folder`, oldest first; folders without a sound journal are none."""
    found = []
    for path in _folders(folder):
        with suppress(CorruptStoreError):
            found.append(read_journal(path))
    return sorted(found, key=lambda one: (one.time, len(one.name), one.name))


def damaged_archives(folder: Path) -> dict[str, str]:
    """{name: what is wrong} of the archives whose journal cannot be read; they are left alone."""
    damaged = {}
    for path in _folders(folder):
        try:
            read_journal(path)
        except CorruptStoreError as error:
            damaged[path.name] = str(error)
    return damaged


def _folders(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob(f"[!.]*/{NAME}")) if folder.is_dir() else []


def remove_empty(folder: Path) -> list[str]:
    """Remove folders of archives that were killed after the journal's end; their names."""
    removed = []
    for path in folder.glob("[0-9]*"):
        if _TIME.fullmatch(path.name):
            with suppress(OSError):  # not empty, or no folder
                path.rmdir()
                removed.append(path.name)
    return removed


def find_archive(folder: Path, name: str) -> Journal:
    """The archive of that name.

    Raises:
        UnknownNameError: there is none.
        CorruptStoreError: its journal is damaged.
    """
    if name in {path.name for path in _folders(folder)}:
        return read_journal(folder / name)
    archives = {one.name: one for one in list_archives(folder)}
    raise UnknownNameError("archive", name, archives, "(`nucleotides archive list` lists all)")


def finish_moving(journal: Journal) -> Journal:
    """Bring into the archive what is not yet there.

    A file that was made anew since the journal was written is another one: it stays.

    Raises:
        OutOfSpaceError: the disk is full; the message says what has moved. It may be called again.
    """
    try:
        left = [one for one in journal.entries if one.is_at(one.path)]
        check_space(((one.path, journal.kept(one), one.size) for one in left), "")
        return _finish_moving(journal)
    except OSError as error:
        if not is_full(error):
            raise
        moved = sum(os.path.lexists(journal.kept(entry)) for entry in journal.entries)
        raise OutOfSpaceError(
            f"the disk of the archive is full: {moved} of {len(journal.entries)} files have moved "
            f"to {journal.folder}, every other one is in its place. Make room there and run it "
            "again, which goes on; or bring them back: "
            f"nucleotides archive restore {journal.name}"
        ) from error


def _finish_moving(journal: Journal) -> Journal:
    kept = []
    for entry in journal.entries:
        target = journal.kept(entry)
        if os.path.lexists(target):
            if entry.is_at(entry.path):  # copied, and not yet removed
                move_file(entry.path, target)
            kept.append(entry)
        elif entry.is_at(entry.path) and move_file(entry.path, target):
            kept.append(entry)
    return journal.become("whole", tuple(kept))


def remove_archive(journal: Journal) -> None:
    """Remove an archive's files, then its journal; what else is in its folder stays."""
    if journal.state != "removing":
        journal = journal.become("removing")
    for entry in journal.entries:
        journal.kept(entry).unlink(missing_ok=True)
    remove_folder(journal)


def remove_folder(journal: Journal) -> None:
    """Remove the folder of an archive without files, its journal last."""
    files = journal.folder / FILES
    for folder, _, _ in os.walk(files, topdown=False):
        with suppress(OSError):  # not empty: something in it is not known
            Path(folder).rmdir()
    (journal.folder / SPARE).unlink(missing_ok=True)
    (journal.folder / NAME).unlink()
    with suppress(OSError):
        journal.folder.rmdir()


def finish_pending(folder: Path) -> list[str]:
    """Finish what a killed process began, and say what.

    Raises:
        StoreError: an archive was being restored, which is to be finished by that.
    """
    done = []
    remove_empty(folder)
    for journal in list_archives(folder):
        if journal.state == "restoring":
            raise StoreError(
                f"the archive {journal.name} was being restored when that was stopped: finish it "
                f"first, with `nucleotides archive restore {journal.name}`"
            )
        if journal.state == "moving":
            journal = finish_moving(journal)
            done.append(f"finished the archive {journal.name}, which had been stopped")
        if journal.state == "removing":
            remove_archive(journal)
            done.append(f"finished removing the archive {journal.name}")
            continue
        for name in journal.replaces:
            if (folder / name / NAME).exists():
                remove_archive(read_journal(folder / name))
                done.append(f"removed the archive {name}")
    return done
