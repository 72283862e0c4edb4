"""`nucleotides deployed`: versions side by side."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nucleotides.storage import Storage


_KEPT = 3


class Action(StrEnum):
    """What to do with deployed versions."""

    LIST = "list"
    ROLL_BACK = "roll-back"
    CHECK = "check"
    FETCH = "fetch"
    PRUNE = "prune"


def deployed(
    action: Annotated[Action, typer.Argument(help="What to do, see above.")],
    version: Annotated[
        str | None, typer.Argument(help="Name of a version, for roll-back, check, fetch.")
    ] = None,
    destination: Annotated[
        str | None, typer.Option(help="Where they are. [default: setting DEPLOY_PATH]")
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1, help="Of prune: how many of the newest, beside the latest. [default: 3]"
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Of prune: say what would be removed.")
    ] = False,
) -> None:
    """List deployed versions, go back to one, read them back, or remove old ones.

    list: every version, with the latest marked. roll-back: make the one before the latest, or the
    one named, what readers get; none is removed, and forward is the same way. check: read every
    byte back and compare checksums. fetch: bring a version to CACHE_DIR, and print its folder.
    prune: remove versions that are not among the newest, then the objects that no version needs;
    objects younger than a day stay, as an upload may be under way.
    """
    from nucleotides.deploy.check_writable import check_writable
    from nucleotides.deploy.versions import check_versions, prune, roll_back
    from nucleotides.deployed import fetch_deployed
    from nucleotides.encode.words import as_bytes
    from nucleotides.load_settings import load_settings
    from nucleotides.storage import open_storage

    _check_words(action, version, keep, dry_run)
    settings = load_settings()
    storage = open_storage(
        destination or str(settings.DEPLOY_PATH), endpoint=settings.DEPLOY_ENDPOINT
    )
    if action in (Action.ROLL_BACK, Action.PRUNE):
        check_writable(storage)
    if action is Action.LIST:
        _list(storage)
    elif action is Action.ROLL_BACK:
        pointer = roll_back(storage, version)
        typer.echo(f"{pointer.name} is the latest version at {storage.url}")
    elif action is Action.CHECK:
        n_bytes = check_versions(storage, version)
        typer.echo(f"whole: {as_bytes(n_bytes)} read back, every checksum right")
    elif action is Action.FETCH:
        cache, endpoint = Path(settings.CACHE_DIR), settings.DEPLOY_ENDPOINT
        typer.echo(str(fetch_deployed(storage, cache, version=version, endpoint=endpoint)))
    else:
        found = prune(storage, keep or _KEPT, dry_run=dry_run)
        would = "would remove" if dry_run else "removed"
        versions = ", ".join(found.versions) or "no version"
        typer.echo(f"{would} {versions}; {found.n_objects} objects, {as_bytes(found.n_bytes)}")


def _check_words(action: Action, version: str | None, keep: int | None, dry_run: bool) -> None:
    """Refuse what an action would pass over."""
    from nucleotides.errors import InputError

    if version is not None and action in (Action.LIST, Action.PRUNE):
        how = ": --keep says how many of the newest stay" if action is Action.PRUNE else ""
        raise InputError(f"`deployed {action}` takes no version, as {version}{how}")
    if action is not Action.PRUNE and (keep is not None or dry_run):
        option = "--keep" if keep is not None else "--dry-run"
        raise InputError(f"`deployed {action}` has no {option}, which is of prune")


def _list(storage: Storage) -> None:
    from nucleotides.deploy.versions import list_versions
    from nucleotides.encode.words import as_bytes, as_files

    for one in list_versions(storage):
        mark = "*" if one.is_latest else " "
        n, size = len(one.manifest.files), one.manifest.size
        typer.echo(
            f"{mark} {one.pointer.name}  {one.manifest.time}  {as_files(n)}, {as_bytes(size)}, "
            f"nucleotides {one.manifest.package}"
        )
