"""One try at one address: bytes into a part of a file, from where an earlier try stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from nucleotides.encode.client import Client
from nucleotides.encode.trouble import GiveUpError, TryAgainError, of_status

_CHUNK = 1 << 18
_PAGE = (b"<!doctype", b"<html", b"<?xml")


@dataclass(frozen=True)
class Part:
    """A file on its way: the bytes so far, and beside them whose bytes they are."""

    path: Path

    @classmethod
    def of(cls, target: Path) -> Part:
        """The part of a file to be."""
        return cls(target.with_name(f".{target.name}.part"))

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.path.stat().st_size if self.path.exists() else 0

    def etag(self, url: str) -> str | None:
        """The version that the bytes are of, if they came from this address."""
        try:
            known = json.loads(self._note.read_text())
            return known["etag"] if known["url"] == url else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def begin(self, url: str, etag: str | None) -> None:
        """Note whose bytes follow."""
        self._note.write_text(json.dumps({"url": url, "etag": etag}))

    def remove(self) -> None:
        """Throw the bytes away."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def become(self, target: Path) -> None:
        """Give the bytes their name."""
        self.path.replace(target)
        self._note.unlink(missing_ok=True)

    @property
    def _note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")


async def transfer(
    client: Client,
    url: str,
    part: Part,
    size: int | None,
    resume: bool,
    arrived: Callable[[int], None],
) -> None:
    """Ask once and write what comes.

    Args:
        url: the address.
        part: where bytes go; with `resume` it is gone on with.
        size: bytes of the whole file, or None if not known.
        resume: whether bytes of an earlier try count.
        arrived: told of every number of bytes written, and of those thrown away as a negative one.

    Raises:
        TryAgainError, GiveUpError: the file did not come whole.
    """
    if not resume:
        arrived(-part.size)
        part.remove()
    if size is not None and part.size == size:
        return
    have = part.size
    async with client.get(url, _headers(part, url)) as answer:
        trouble = of_status(answer.status_code, answer.headers.get("retry-after"))
        if trouble:
            raise trouble
        _refuse_page(answer)
        if answer.status_code == 206:
            _check_range(answer, have)
        else:
            arrived(-have)
            _check_length(answer, size)
            part.begin(url, answer.headers.get("etag"))
        await _write(answer, part, size, arrived)
    if size is not None and part.size < size:
        raise TryAgainError(f"cut after {part.size:,} of {size:,} bytes")


def _headers(part: Part, url: str) -> dict[str, str]:
    if not part.size:
        return {}
    headers = {"Range": f"bytes={part.size}-"}
    etag = part.etag(url)
    return headers | ({"If-Range": etag} if etag and not etag.startswith("W/") else {})


async def _write(
    answer: httpx2.Response, part: Part, size: int | None, arrived: Callable[[int], None]
) -> None:
    mode = "ab" if answer.status_code == 206 else "wb"
    with part.path.open(mode) as file:
        async for chunk in answer.aiter_raw(_CHUNK):
            if file.tell() == 0 and chunk[:16].lstrip().lower().startswith(_PAGE):
                raise GiveUpError("a web page in place of the file")
            file.write(chunk)
            file.flush()
            arrived(len(chunk))
            if size is not None and file.tell() > size:
                raise TryAgainError(f"more than the {size:,} bytes that the table says", anew=True)


def _refuse_page(answer: httpx2.Response) -> None:
    if answer.headers.get("content-type", "").startswith("text/html"):
        raise GiveUpError("a web page in place of the file")


def _check_range(answer: httpx2.Response, have: int) -> None:
    if not answer.headers.get("content-range", "").startswith(f"bytes {have}-"):
        raise TryAgainError("another range than was asked for", anew=True)


def _check_length(answer: httpx2.Response, size: int | None) -> None:
    length: Any = answer.headers.get("content-length")
    if size is not None and length is not None and int(length) != size:
        raise TryAgainError(
            f"announces {int(length):,} bytes where the table says {size:,}", anew=True
        )
