"""A new archive: its name, and its journal before the first file goes."""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from nucleotides.deploy.start_over.check_space import check_space, is_full
from nucleotides.deploy.start_over.find_products import Product
from nucleotides.deploy.start_over.journal import (
    NAME,
    SPARE,
    Entry,
    Folder,
    Journal,
    read_journal,
)
from nucleotides.errors import OutOfSpaceError
from nucleotides.files import sync
from nucleotides.leftovers import find_leftovers, hide

_ADVICE = (
    "Nothing was moved: make room there, set ARCHIVE_DIR to a folder of another disk, or run "
    "`nucleotides start-over --delete`, which keeps nothing."
)


def begin_archive(
    folder: Path,
    products: Iterable[Product],
    top: Path,
    replaces: tuple[str, ...] = (),
    now: datetime | None = None,
    emptied: Iterable[Path] = (),
) -> Journal:
    """A new archive with its journal, and no file yet.

    Its name is date and time (UTC), with a number behind it if that is taken.

    Args:
        folder: of the archives.
        products: what is to go into it.
        top: files below it keep their path from there.
        replaces: archives that go once this one is whole.
        now: in place of the clock.
        emptied: folders that go with their last file.

    Raises:
        OutOfSpaceError: there is no room for it all; nothing was moved.
    """
    now = now or datetime.now(UTC)
    entries = tuple(
        Entry(one.path, _kept_as(one.path, top), one.size, one.mtime_ns) for one in products
    )
    folders = tuple(_as_folder(path, top) for path in emptied if path.is_dir())
    folder.mkdir(parents=True, exist_ok=True)
    new = hide(folder / f"{now:%Y-%m-%dT%H-%M-%SZ}")
    for leftover in (new, *find_leftovers(folder, "part")):
        _remove_begun(leftover)
    try:
        _write_first(
            Journal(new, "moving", f"{now:%Y-%m-%dT%H:%M:%SZ}", entries, replaces, folders)
        )
    except BaseException:
        _remove_begun(new)
        raise
    final = _give_name(new, f"{now:%Y-%m-%dT%H-%M-%SZ}")
    sync(folder)
    return read_journal(final)


def _write_first(journal: Journal) -> None:
    """Have the journal on the disk, and room for the files."""
    moves = [(one.path, journal.kept(one), one.size) for one in journal.entries]
    check_space(moves, _ADVICE)
    try:
        journal.folder.mkdir()
        journal.write()
        journal.keep_spare()
    except OSError as error:
        if not is_full(error):
            raise
        raise OutOfSpaceError(f"the disk of {journal.folder.parent} is full. {_ADVICE}") from error
    check_space(moves, _ADVICE)


def _remove_begun(folder: Path) -> None:
    """Remove an archive that was begun and has no name yet; one that holds more stays."""
    known = {folder / NAME, folder / SPARE, hide(folder / NAME)}
    known.update(find_leftovers(folder, "part", NAME))
    with suppress(OSError):
        if known.issuperset(folder.iterdir()):
            for path in known:
                path.unlink(missing_ok=True)
            folder.rmdir()


def _as_folder(path: Path, top: Path) -> Folder:
    status = path.stat()
    mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
    return Folder(path, _kept_as(path, top), mode, status.st_mtime_ns, *owner)


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
