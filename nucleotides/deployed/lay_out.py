"""The files of a version by their names, as links to the cache's files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from nucleotides.deployed.check_paths import MANIFEST, POINTER
from nucleotides.deployed.fetch_files import cached, is_right
from nucleotides.deployed.manifest import File, Manifest, Pointer, digest
from nucleotides.deployed.wanted import Wanted
from nucleotides.files import replacing


def is_whole(
    copy: Path, cache: Path, files: Sequence[File], pointer: Pointer, wanted: Wanted
) -> bool:
    """Whether a copy has these files, which are the cache's, and no others that are wanted."""
    try:
        known = (copy / POINTER).read_bytes() == pointer.encode()
        known = known and digest((copy / MANIFEST).read_bytes()) == pointer.manifest
    except (FileNotFoundError, NotADirectoryError):
        return False
    paths = (path for path in copy.rglob("*") if path.is_symlink() or not path.is_dir())
    found = {path.relative_to(copy).as_posix() for path in paths} - {MANIFEST, POINTER}
    sought = {file.path for file in files}
    alike = known and set(filter(wanted.has, found)) == sought
    return alike and all(_is_same(copy, cache, file) for file in files)


def _is_same(copy: Path, cache: Path, file: File) -> bool:
    """One file of two names; where there are no links, two that are right."""
    path, kept = copy / file.path, cached(cache, file)
    return not path.is_symlink() and (
        os.path.samestat(path.stat(), kept.stat()) or is_right(path, file)
    )


def lay_out(
    copy: Path, cache: Path, files: Sequence[File], manifest: Manifest, pointer: Pointer
) -> None:
    """Give the cache's files their names, in a folder that is whole or not there."""
    with replacing(copy) as folder:
        folder.mkdir()
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.hardlink_to(cached(cache, file))
            except FileExistsError:
                raise
            except OSError:  # a file system without links
                shutil.copy2(cached(cache, file), path)
        (folder / MANIFEST).write_bytes(manifest.encode())
        (folder / POINTER).write_bytes(pointer.encode())
