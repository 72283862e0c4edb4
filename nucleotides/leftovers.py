"""What killed processes leave of files they wrote, under names that nothing else gives."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal

KEPT = 7 * 24 * 3600.0
"""Seconds without a change after which what another machine was writing is a leftover."""

_HIDDEN = re.compile(
    r"\.(?P<name>.+)\.nucleotides-(?P<pid>\d{1,7})-(?P<machine>[0-9a-f]{8})\.(?P<kind>part|old)",
    re.DOTALL,
)

Kind = Literal["part", "old"]
"""What is to come to a path, or what was there."""


def hide(path: Path, kind: Kind = "part") -> Path:
    """The hidden name beside `path` for this process: `.NAME.nucleotides-PID-MACHINE.part`."""
    return path.with_name(f".{path.name}.nucleotides-{os.getpid()}-{_machine()}.{kind}")


def meant_by(hidden: Path) -> Path | None:
    """The path that a hidden name stands for; None if the name is none of `hide`."""
    parts = _HIDDEN.fullmatch(hidden.name)
    return hidden.with_name(parts["name"]) if parts else None


def remove_leftovers(folder: Path) -> None:
    """Remove from a folder what killed processes were writing there, and nothing else."""
    for part in find_leftovers(folder, "part"):
        remove(part)


def clear_way(path: Path) -> None:
    """Mend what killed processes left of writing `path`, and earlier ones of this one's number.

    What one of them had moved out of the way takes its place again, unless the new one has.
    """
    for old in (hide(path, "old"), *find_leftovers(path.parent, "old", path.name)):
        if os.path.lexists(path):
            remove(old)
        else:
            with suppress(OSError):  # not there, or another process was faster
                old.rename(path)
    for part in (hide(path), *find_leftovers(path.parent, "part", path.name)):
        remove(part)


def moved_away(path: Path) -> Path | None:
    """What was at a path and is hidden while its successor takes its place; None if none is."""
    return next((entry for entry, _ in _hidden(path.parent, "old", path.name)), None)


def find_leftovers(folder: Path, kind: Kind, name: str | None = None) -> Iterator[Path]:
    """Hidden files and folders of processes that are no more.

    Of another machine's processes it is not known whether they are: what they write is left over
    once it was not changed for `KEPT`.

    Args:
        folder: where.
        kind: of what.
        name: of what was to be written; anything unless given.
    """
    for path, parts in _hidden(folder, kind, name):
        ours = parts["machine"] == _machine()
        if not _is_alive(int(parts["pid"])) if ours else _is_forgotten(path):
            yield path


def remove(path: Path) -> None:
    """Remove a file, link or folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _hidden(folder: Path, kind: Kind, name: str | None) -> Iterator[tuple[Path, re.Match[str]]]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:  # no folder, or one that may not be listed
        return
    for path in entries:
        parts = _HIDDEN.fullmatch(path.name)
        if parts and parts["kind"] == kind and name in (None, parts["name"]):
            yield path, parts


@cache
def _machine() -> str:
    """Eight digits of this machine or container, as processes are numbered anew on each."""
    known = platform.node()
    with suppress(OSError):
        known += Path("/etc/machine-id").read_text()
    return hashlib.sha256(known.encode()).hexdigest()[:8]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_forgotten(path: Path) -> bool:
    """Whether it was not changed for long; the time of the change of a file cannot be set."""
    with suppress(FileNotFoundError):
        times = [one.lstat().st_ctime for one in (path, *path.rglob("*"))]
        return max(times) < time.time() - KEPT
    return False
