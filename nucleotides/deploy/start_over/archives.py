"""The folder of archives: which there are, a new one, what a killed process left undone."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from nucleotides.deploy.start_over.find_products import Product
from nucleotides.deploy.start_over.journal import FILES, NAME, Entry, Journal, read_journal
from nucleotides.deploy.start_over.move_file import move_file
from nucleotides.errors import StoreError, UnknownNameError
from nucleotides.files import sync


def list_archives(folder: Path) -> list[Journal]:
    """Archives below `folder`, oldest first; folders without a journal are none.

    Raises:
        CorruptStoreError: a journal is damaged.
    """
    found = [path.parent for path in folder.glob(f"[!.]*/{NAME}")] if folder.is_dir() else []
    return sorted(map(read_journal, found), key=lambda one: (one.time, len(one.name), one.name))


def find_archive(folder: Path, name: str) -> Journal:
    """The archive of that name.

    Raises:
        UnknownNameError: there is none.
    """
    archives = {one.name: one for one in list_archives(folder)}
    if name not in archives:
        raise UnknownNameError("archive", name, archives, "(`nucleotides archive list` lists all)")
    return archives[name]


def begin_archive(
    folder: Path,
    products: Iterable[Product],
    top: Path,
    replaces: tuple[str, ...] = (),
    now: datetime | None = None,
) -> Journal:
    """A new archive with its journal, and no file yet.

    Its name is date and time (UTC), with a number behind it if that is taken.

    Args:
        folder: of the archives.
        products: what is to go into it.
        top: files below it keep their path from there.
        replaces: archives that go once this one is whole.
        now: in place of the clock.
    """
    now = now or datetime.now(UTC)
    entries = tuple(
        Entry(one.path, _kept_as(one.path, top), one.size, one.mtime_ns) for one in products
    )
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(".*.part"):
        shutil.rmtree(leftover, ignore_errors=True)
    new = folder / f".{now:%Y-%m-%dT%H-%M-%SZ}.part"
    new.mkdir()
    Journal(new, "moving", f"{now:%Y-%m-%dT%H:%M:%SZ}", entries, replaces).write()
    final = _give_name(new, f"{now:%Y-%m-%dT%H-%M-%SZ}")
    sync(folder)
    return read_journal(final)


def _give_name(new: Path, name: str) -> Path:
    for number in itertools.count(1):
        final = new.with_name(name if number == 1 else f"{name}-{number}")
        if os.path.lexists(final):
            continue
        try:
            return new.rename(final)
        except OSError as error:  # another process was faster
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
    raise AssertionError


def _kept_as(path: Path, top: Path) -> str:
    if path.is_relative_to(top):
        return str(path.relative_to(top))
    return str(Path("elsewhere", *path.parts[1:]))


def finish_moving(journal: Journal) -> Journal:
    """Bring into the archive what is not yet there.

    A file that was made anew since the journal was written is another one: it stays.
    """
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
    (journal.folder / NAME).unlink()
    with suppress(OSError):
        journal.folder.rmdir()


def finish_pending(folder: Path) -> list[str]:
    """Finish what a killed process began, and say what.

    Raises:
        StoreError: an archive was being restored, which is to be finished by that.
    """
    done = []
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
