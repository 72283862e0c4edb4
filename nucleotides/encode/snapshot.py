"""Metadata tables of the portal: fetched, checked, kept with address, time and checksum."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from isal import igzip

from nucleotides.encode.client import Client
from nucleotides.encode.fetch import fetch
from nucleotides.encode.options import Options
from nucleotides.encode.rate import write_rate
from nucleotides.encode.remote import Remote
from nucleotides.encode.transfer import Part
from nucleotides.errors import DownloadError, MetadataError
from nucleotides.files import replacing, sha256, write_json
from nucleotides.hold import alone_in
from nucleotides.progress import Transfer

_FIRST_COLUMN = b"File accession\t"
_LONGEST_ROW = 1 << 20
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A metadata table as it was at a time.

    Attributes:
        url: what was asked.
        time: when these bytes came first, UTC, ISO 8601.
        checked: when the portal last answered with them.
        sha256: of the table's bytes.
        bytes, rows: of the table; the header is no row.
    """

    url: str
    time: str
    checked: str
    sha256: str
    bytes: int
    rows: int


def fetch_table(
    url: str, path: Path, options: Options, now: Callable[[], datetime] = _now
) -> Snapshot:
    """Ask for a table, and make it the current one if it is whole and a table.

    It lies at `path`, what is known of it at `path`.json, and a copy with its time in the folder
    `snapshots` beside it. A table that had not changed is kept, and `checked` says so.

    Raises:
        DownloadError: there was no answer; what was there is kept.
        MetadataError: the answer was no whole table; what was there is kept.
        BusyError: another process is writing to the folder.
    """
    with alone_in(path.parent):
        return _fetch_table(url, path, options, now)


def _fetch_table(url: str, path: Path, options: Options, now: Callable[[], datetime]) -> Snapshot:
    new = fetch_table_aside(url, path.with_name(f".{path.name}.new"), options)
    try:
        time = now()
        found = _describe(new, url, time)
        known = read_snapshot(path)
        if known and (known.sha256, known.url) == (found.sha256, url):
            found = replace(known, checked=found.checked)
        else:
            _keep(new, path, time)
            new.replace(path)
        write_json(_note(path), asdict(found))
    finally:
        new.unlink(missing_ok=True)
    return found


def fetch_table_aside(url: str, target: Path, options: Options) -> Path:
    """Ask for a table and look whether it is one; what is current stays so.

    Raises:
        DownloadError, MetadataError: as `fetch_table`.
    """
    target.unlink(missing_ok=True)
    Part.of(target).remove()

    async def run(shown: Transfer) -> None:
        async with Client(options) as client:
            await fetch(client, Remote(target.name, (url,)), target, shown.arrived)
            shown.finished()

    try:
        with Transfer("metadata", 1, None) as shown:
            asyncio.run(run(shown))
        _check(target, url)
        write_rate(target.parent, shown.fetched, shown.seconds)
    except DownloadError as error:
        Part.of(target).remove()
        raise DownloadError(
            f"the metadata table could not be fetched, what was there is kept: {error}"
        ) from None
    except MetadataError:
        target.unlink(missing_ok=True)
        raise
    finally:
        Part.of(target).remove()
    return target


def read_snapshot(path: Path) -> Snapshot | None:
    """What is known of a current table; None if there is none, or its bytes are others."""
    if not path.is_file():
        return None
    try:
        known = Snapshot(**json.loads(_note(path).read_text()))
    except (OSError, ValueError, TypeError):
        known = None
    if known and known.bytes == path.stat().st_size and known.sha256 == sha256(path):
        return known
    time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return _describe(path, f"file:{path.name}", time)


def _describe(path: Path, url: str, time: datetime) -> Snapshot:
    at, size = time.strftime(_TIME), path.stat().st_size
    return Snapshot(url, at, at, sha256(path), size, _count_lines(path) - 1)


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _keep(new: Path, path: Path, time: datetime) -> None:
    name = f"{path.stem}.{time.strftime('%Y-%m-%dT%H%M%SZ')}{path.suffix}.gz"
    with replacing(path.parent / "snapshots" / name) as temporary:
        temporary.write_bytes(igzip.compress(new.read_bytes(), 1, mtime=0))


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def _check(path: Path, url: str) -> None:
    """Refuse what is no whole table; the portal has been seen to answer 200 with less."""
    with path.open("rb") as file:
        first = file.readline(_LONGEST_ROW)
        file.seek(max(path.stat().st_size - _LONGEST_ROW, 0))
        tail = file.read()
    if not first.startswith(_FIRST_COLUMN):
        shown = first[:60].decode(errors="replace").strip()
        raise MetadataError(
            f"{url} answered with something that is no metadata table (it begins {shown!r}); "
            "what was there is kept: try again later"
        )
    if len(first) == path.stat().st_size:
        raise MetadataError(
            f"{url} answered with a header and no row; what was there is kept: try again later"
        )
    *_, last, rest = tail.split(b"\n")
    if rest or last.count(b"\t") != first.count(b"\t"):
        raise MetadataError(
            f"{url} answered with a table that is cut in the middle; what was there is kept: "
            "try again"
        )
