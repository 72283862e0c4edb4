"""The workflow of `nucleotides start-over`: look, tell, then move or delete."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nucleotides.deploy.start_over.archives import (
    damaged_archives,
    finish_moving,
    finish_pending,
    list_archives,
)
from nucleotides.deploy.start_over.begin_archive import begin_archive
from nucleotides.deploy.start_over.find_products import (
    Product,
    emptied_folders,
    find_products,
    local,
)
from nucleotides.deploy.start_over.journal import Journal
from nucleotides.encode.words import as_bytes, as_files
from nucleotides.hold import alone_in
from nucleotides.settings import Settings


@dataclass(frozen=True)
class Plan:
    """What a start-over is about to do.

    Attributes:
        products: what goes.
        left: why something stays that might have gone, a sentence each.
        pending: archives that an earlier start-over left unfinished; they are finished first.
        replaced: archives that go once the new one is whole.
        delete: whether files are deleted rather than archived.
        links: symbolic links beyond which some of what stays is.
    """

    products: tuple[Product, ...]
    left: tuple[str, ...]
    pending: tuple[str, ...]
    replaced: tuple[str, ...]
    delete: bool
    links: tuple[Path, ...] = ()

    def lines(self) -> Iterator[str]:
        """The plan, setting by setting."""
        for name in self.pending:
            yield f"finish first: the archive {name}, which had been stopped"
        verb = "delete" if self.delete else "move"
        by_setting = itertools.groupby(self.products, lambda one: one.setting)
        for setting, group in by_setting:
            members = list(group)
            paths = {one.path for one in members}
            where = members[0].path if len(paths) == 1 else members[0].path.parent
            size = sum(one.size for one in members)
            yield f"{verb} {setting}: {where} ({as_files(len(members))}, {as_bytes(size)})"
        yield from (f"leave {sentence}" for sentence in self.left)
        yield from (
            f"remove the archive {name}, once the new one is whole" for name in self.replaced
        )


def plan_start_over(
    settings: Settings, *, delete: bool = False, overwrite_archive: bool = False
) -> Plan:
    """Look at what there is; change nothing.

    Args:
        settings: where everything lies.
        delete: delete rather than archive.
        overwrite_archive: keep no earlier archive.

    Raises:
        SettingsError: a path is remote.
    """
    damaged = damaged_archives(local(settings, "ARCHIVE_DIR")).values()
    archives = list_archives(local(settings, "ARCHIVE_DIR"))
    pending = tuple(one.name for one in archives if one.state != "whole")
    found = find_products(settings)
    replaced = tuple(one.name for one in archives) if overwrite_archive and not delete else ()
    replaced = replaced if found.products else ()
    left = (*found.left, *(f"an archive: {sentence}" for sentence in damaged))
    return Plan(found.products, left, pending, replaced, delete, found.links)


def start_over(
    settings: Settings, *, delete: bool = False, overwrite_archive: bool = False
) -> tuple[Journal | None, list[str]]:
    """Move to a new archive, or delete, what the next round must make anew.

    What an earlier call left unfinished is finished first. Killed at any moment and called again,
    it leaves every file in its place or in an archive, none lost and none twice.

    Returns:
        The new archive, or None; and what else was done, a sentence each.

    Raises:
        BusyError: pre-processing is at work there, or another start-over.
        StoreError: an archive is half restored.
        OutOfSpaceError: the disk of the archive has no room; every file is in its place or in the
            archive, and the message says how many moved.
    """
    with alone_with(settings):
        folder = local(settings, "ARCHIVE_DIR")
        done = finish_pending(folder)
        plan = plan_start_over(settings, delete=delete, overwrite_archive=overwrite_archive)
        journal = None
        if delete:
            for product in plan.products:
                product.path.unlink(missing_ok=True)
        elif plan.products:
            journal = begin_archive(
                folder,
                plan.products,
                local(settings, "TOP_DIR"),
                plan.replaced,
                emptied=emptied_folders(settings),
            )
            journal = finish_moving(journal)
            done += finish_pending(folder)
        for path in emptied_folders(settings):
            with suppress(OSError):  # not there, or something in it is not known
                path.rmdir()
    return journal, done


@contextmanager
def alone_with(settings: Settings) -> Iterator[None]:
    """Keep others out of the archives, and out of what pre-processing writes."""
    training = local(settings, "TARGET_STORE").parent
    with ExitStack() as holds:
        holds.enter_context(alone_in(local(settings, "ARCHIVE_DIR")))
        if training.is_dir():
            holds.enter_context(alone_in(training))
        yield
