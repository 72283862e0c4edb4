"""A single large file, such as the reference: fetched, resumed, checked by what is published."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nucleotides.encode.client import Client
from nucleotides.encode.fetch import fetch, wait_after
from nucleotides.encode.options import Options
from nucleotides.encode.remote import Remote
from nucleotides.encode.transfer import Part
from nucleotides.encode.trouble import GiveUpError, TroubleError, TryAgainError, of_status
from nucleotides.files import write_json
from nucleotides.hold import alone_in
from nucleotides.progress import Transfer

_DOWNLOAD = "/@@download/"
_LARGEST_ANSWER = 1 << 22


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came.

    Attributes:
        url: where from.
        size: bytes.
        md5: that it was checked by, or None where nobody has published one.
    """

    url: str
    size: int
    md5: str | None

    @property
    def checked(self) -> bool:
        """Whether there was a checksum to check it by."""
        return self.md5 is not None


def fetch_reference(url: str, path: Path, md5: str | None, options: Options) -> Fetched:
    """Fetch a file to `path` and note where it came from in `path`.json.

    Checked by `md5`; if that is None, by the one that the portal gives for the file, if any.

    Raises:
        DownloadError: it could not be fetched; the part that came is kept, and gone on with.
        BusyError: another process is writing to the folder.
        OSError: it could not be written.
    """
    with alone_in(path.parent):
        return asyncio.run(_fetch(url, path, md5, options))


def read_note(path: Path) -> dict[str, Any]:
    """What was noted of a file as it was fetched: url, size, md5; nothing of another file."""
    try:
        known: dict[str, Any] = json.loads(_note(path).read_text())
        return known if known["size"] == path.stat().st_size else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


async def _fetch(url: str, path: Path, md5: str | None, options: Options) -> Fetched:
    async with Client(options) as client:
        size = None
        if md5 is None and _DOWNLOAD in url:
            md5, size = await _published(client, url)

        def note(whole: Path) -> None:  # before it has its name: whoever finds it finds the note
            write_json(_note(path), {"url": url, "size": whole.stat().st_size, "md5": md5})

        with Transfer(path.name, 1, size) as shown:
            shown.arrived(Part.of(path).size, new=False)
            await fetch(client, Remote(path.name, (url,), size, md5), path, shown.arrived, note)
            shown.finished()
    return Fetched(url, path.stat().st_size, md5)


async def _published(client: Client, url: str) -> tuple[str | None, int | None]:
    """MD5 and size that the portal gives for a file, each None if it does not."""
    try:
        known = await _ask(client, f"{url.partition(_DOWNLOAD)[0]}/?format=json")
    except (TroubleError, ValueError):
        known = None
    if not isinstance(known, dict):
        return None, None
    md5, size = known.get("md5sum"), known.get("file_size")
    return md5 if isinstance(md5, str) else None, size if isinstance(size, int) else None


async def _ask(client: Client, url: str) -> Any:
    """JSON, asked for until there is an answer.

    Raises:
        TroubleError, ValueError: there is none, or it is no JSON.
    """
    for failures in range(1, client.options.attempts + 1):
        try:
            return json.loads(await _read(client, url))
        except TryAgainError as trouble:
            await wait_after(trouble, failures, client, url)
    raise GiveUpError("no answer")


async def _read(client: Client, url: str) -> bytes:
    async with client.get(url, {"Accept": "application/json"}) as answer:
        trouble = of_status(answer.status_code, answer.headers.get("retry-after"))
        if trouble:
            raise trouble
        text = b""
        async for piece in answer.aiter_bytes():
            text += piece
            if len(text) > _LARGEST_ANSWER:
                raise GiveUpError("too long an answer")
    return text
