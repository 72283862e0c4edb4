"""Move a file so that, whenever the process is killed, it is whole at one of the two places."""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
from contextlib import suppress
from pathlib import Path

from nucleotides.errors import CorruptStoreError, InputError
from nucleotides.files import out_of_space, sha256, sync


def move_file(source: Path, target: Path) -> bool:
    """Move a file or symbolic link, onto another file system too; never over another file.

    On one file system it is renamed. Else it is copied to a temporary name, brought to the disk,
    compared, given its name, and only then removed at its old place; owner and group are kept as
    far as one may. Called again after a kill, it goes on from there: a source that the target
    already is a copy of is removed.

    Returns:
        Whether it is at its target now; False if it was at neither place.

    Raises:
        InputError: there is another file at the target.
        CorruptStoreError: a copy is not what was copied; the source is still there.
        OutOfSpaceError: the disk is full; the source is still there.
    """
    if not os.path.lexists(source):
        return os.path.lexists(target)
    if os.path.lexists(target):
        if not alike(source, target):
            raise InputError(f"{target} is there already, and is not the same as {source}")
        source.unlink()
        return True
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, target)
        source.unlink()
    return True


def _copy(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.nucleotides-moving.part")
    temporary.unlink(missing_ok=True)
    try:
        shutil.copy2(source, temporary, follow_symlinks=False)
        status = source.lstat()
        if keep_owner(temporary, status.st_uid, status.st_gid):
            shutil.copystat(source, temporary, follow_symlinks=False)  # that takes bits of the mode
        if not temporary.is_symlink():
            sync(temporary)
            if sha256(temporary) != sha256(source):
                raise CorruptStoreError(f"the copy {temporary} is not {source}: is the disk well?")
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise out_of_space(target) from error
        raise
    temporary.rename(target)
    sync(target.parent)


def keep_owner(path: Path, uid: int, gid: int) -> bool:
    """Give a file or folder its owner and group, as far as one may; whether anything changed."""
    before = path.lstat()
    for owner in ((uid, gid), (-1, gid)):
        with suppress(OSError):  # root may; others, groups that they are of
            os.chown(path, *owner, follow_symlinks=False)
            break
    after = path.lstat()
    return (before.st_uid, before.st_gid) != (after.st_uid, after.st_gid)


def alike(one: Path, other: Path) -> bool:
    """Whether two files have the same bytes, or two links the same aim."""
    if one.is_symlink() or other.is_symlink():
        both = one.is_symlink() and other.is_symlink()
        return both and one.readlink() == other.readlink()
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)
