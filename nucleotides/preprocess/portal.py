"""The portal's side of pre-processing: tables, selection, plan, difference, downloads."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from nucleotides.encode.compare import Diff, FilesByTask, diff
from nucleotides.encode.download import Downloads, download
from nucleotides.encode.options import Options
from nucleotides.encode.plan import Plan, make_plan
from nucleotides.encode.policy import Policy
from nucleotides.encode.rate import read_rate, write_rate
from nucleotides.encode.select import Selection, select
from nucleotides.encode.snapshot import Snapshot, fetch_table, fetch_table_aside, read_snapshot
from nucleotides.encode.start import Start, read_start
from nucleotides.encode.tables import Metadata, read_table, read_tables
from nucleotides.encode.urls import rebase, remote_urls
from nucleotides.errors import InputError
from nucleotides.files import sha256
from nucleotides.preprocess.lock import read_lock
from nucleotides.preprocess.recipe import Recipe, remote_of
from nucleotides.progress import say


@dataclass(frozen=True)
class Portal:
    """Which portal, which tables of it, and how politely it is asked.

    Attributes:
        base_url: of the portal or a mirror.
        tables: (query below the portal, where the table is kept) of each metadata table.
        policy: the selection policy.
        start: a table, cart or list to begin with in place of the portal's tables.
        max_files: keep only so many.
        refresh: ask for the tables even if they are there.
        s3_url: how an s3:// address is read over HTTP.
        options: limits of requests.
    """

    base_url: str
    tables: tuple[tuple[str, Path], ...]
    policy: Policy
    start: Path | None = None
    max_files: int | None = None
    refresh: bool = False
    s3_url: str = "https://{bucket}.s3.amazonaws.com/{key}"
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Chosen:
    """A selection and the snapshots that it was made from."""

    selection: Selection
    snapshots: tuple[dict[str, object], ...]


def choose(portal: Portal) -> Chosen:
    """Fetch the tables if they are not there, and select.

    Raises:
        MetadataError, DownloadError, PolicyError: tables that cannot be had or read.
    """
    start = read_start(portal.start) if portal.start else None
    if start and start.kind == "table":
        say(f"metadata: {start.path}")
        tables, snapshots = read_table(start.path), [_of_a_file(start.path)]
    else:
        wanted = _tables(portal, start)
        snapshots = [_as_json(current_table(url, path, portal)) for url, path in wanted]
        tables = read_tables([path for _, path in wanted])
    selection = _select(tables, portal, start)
    return Chosen(selection, tuple(snapshots))


def current_table(url: str, path: Path, portal: Portal) -> Snapshot:
    """The table that is there, or a new one."""
    known = read_snapshot(path)
    elsewhere = known is not None and known.url not in (url, f"file:{path.name}")
    if elsewhere:
        say(f"metadata: {path.name} came from another address or question, asking again")
    if known is None or portal.refresh or elsewhere:
        say(f"metadata: asking {urlsplit(url).netloc} for {path.name}")
        known = fetch_table(url, path, portal.options)
    say(f"metadata: {path.name} of {known.time}, {known.rows:,} files")
    return known


def compare_with_portal(portal: Portal, lock: Path, downloads: Path) -> Diff:
    """What a refresh would change of the store that is there; nothing is changed by asking.

    Args:
        portal: asked for its tables, which are looked at and not kept.
        lock: lock file of the store.
        downloads: folder of the files fetched so far.

    Raises:
        InputError: there is no store to compare with.
    """
    if not lock.exists():
        raise InputError(
            f"nothing was made yet to compare with (no {lock}): run `nucleotides pre-process`, "
            "or look at `nucleotides pre-process --plan`"
        )
    before = _made_from(read_lock(lock).recipe)
    start = read_start(portal.start) if portal.start else None
    wanted = _tables(portal, start)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for url, path in wanted:
            say(f"metadata: asking {urlsplit(url).netloc} for {path.name}")
            paths.append(fetch_table_aside(url, Path(folder) / path.name, portal.options))
        after = _select(read_tables(paths), portal, start)
    sizes = _sizes(downloads)
    return diff(before, after, lambda remote: sizes.get(remote.name, -1) == remote.size)


def _made_from(recipe: Recipe) -> FilesByTask:
    """The portal's files of each task of a store."""
    out: FilesByTask = {}
    for file in recipe.files:
        if not file.is_own:
            out.setdefault(file.task, {})[file.facts["accession"]] = file.md5
    return out


def _sizes(downloads: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in downloads.glob("[!.]*")}


def plan(selection: Selection, portal: Portal, downloads: Path) -> Plan:
    """What there is to fetch, at the rate of the last download of files, else of tables."""
    return make_plan(
        selection,
        _sizes(downloads),
        read_rate(downloads, *(path.parent for _, path in portal.tables)),
    )


def fetch_files(recipe: Recipe, portal: Portal, folder: Path) -> Downloads:
    """Fetch what is not there of a recipe's files; one that fails does not stop the others.

    Raises:
        OutOfSpaceError, BusyError: see `download`.
    """
    remotes = [
        remote_of(
            file,
            remote_urls(file.url, file.s3_uri, file.azure_url, portal.base_url, portal.s3_url),
        )
        for file in recipe.files
        if not file.is_own
    ]
    if not remotes:
        return Downloads()
    found = download(remotes, folder, portal.options)
    write_rate(folder, found.n_bytes, found.seconds)
    return found


def _select(tables: Metadata, portal: Portal, start: Start | None) -> Selection:
    return select(tables, portal.policy, start=start, max_files=portal.max_files)


def _tables(portal: Portal, start: Start | None) -> Sequence[tuple[str, Path]]:
    """Address and place of each table; a cart's own table goes before the portal's two."""
    if start and start.metadata_url:
        folder = portal.tables[0][1].parent
        url = rebase(start.metadata_url, portal.base_url)
        return [(url, folder / f"{start.path.name.partition('.')[0]}.metadata.tsv")]
    return [(rebase(url, portal.base_url), path) for url, path in portal.tables]


def _of_a_file(path: Path) -> dict[str, object]:
    return {"file": path.name, "sha256": sha256(path)}


def _as_json(snapshot: Snapshot) -> dict[str, object]:
    return {
        "url": snapshot.url,
        "time": snapshot.time,
        "sha256": snapshot.sha256,
        "rows": snapshot.rows,
    }
