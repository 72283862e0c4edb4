"""A single large file, such as the reference: fetched, resumed, checked by what is published."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nucleotides.encode.client import Client
from nucleotides.encode.fetch import fetch
from nucleotides.encode.options import Options
from nucleotides.encode.remote import Remote
from nucleotides.encode.trouble import TroubleError, of_status
from nucleotides.files import write_json
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
        OSError: it could not be written.
    """
    fetched = asyncio.run(_fetch(url, path, md5, options))
    note = {"url": fetched.url, "size": fetched.size, "md5": fetched.md5}
    write_json(_note(path), note)
    return fetched


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
        with Transfer(path.name, 1, size) as shown:
            await fetch(client, Remote(path.name, (url,), size, md5), path, shown.arrived)
            shown.finished()
    return Fetched(url, path.stat().st_size, md5)


async def _published(client: Client, url: str) -> tuple[str | None, int | None]:
    """MD5 and size that the portal gives for a file, each None if it does not."""
    about = f"{url.partition(_DOWNLOAD)[0]}/?format=json"
    try:
        async with client.get(about, {"Accept": "application/json"}) as answer:
            trouble = of_status(answer.status_code, None)
            if trouble:
                return None, None
            text = b""
            async for chunk in answer.aiter_bytes():
                text += chunk
                if len(text) > _LARGEST_ANSWER:
                    return None, None
            known: Any = json.loads(text)
    except (TroubleError, ValueError):
        return None, None
    if not isinstance(known, dict):
        return None, None
    size = known.get("file_size")
    return known.get("md5sum"), size if isinstance(size, int) else None
