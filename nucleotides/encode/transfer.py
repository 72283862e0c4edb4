"""One try at one address: bytes into a part of a file, from where an earlier try stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2

from nucleotides.encode.client import Client
from nucleotides.encode.trouble import GiveUpError, TryAgainError, of_status

_PAGE, _A_PAGE = (b"<!doctype", b"<html", b"<?xml"), "a web page in place of the file"


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
        """The version that the bytes are of, if they came from this address.

        A weak one says too little to go on by, and some are no valid header.
        """
        try:
            known = json.loads(self._note.read_text())
            etag = known["etag"] if known["url"] == url else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        is_strong = isinstance(etag, str) and etag.startswith('"') and etag.isascii()
        return etag if is_strong else None

    def begin(self, url: str, etag: str | None) -> None:
        """Throw the bytes away, and note whose bytes follow."""
        self.remove()
        self._note.write_text(json.dumps({"url": url, "etag": etag}))

    def remove(self) -> None:
        """Throw the bytes away."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def become(self, target: Path) -> None:
        """Give the bytes their name."""
        self._note.unlink(missing_ok=True)
        self.path.replace(target)

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
        resume: whether bytes of an earlier try count; else only those of a version that the server
            is asked to go on with.
        arrived: told of every number of bytes written, and of those thrown away as a negative one.

    Raises:
        TryAgainError, GiveUpError: the file did not come whole.
    """
    too_much = size is not None and part.size > size
    if too_much or not (resume or part.etag(url)):
        arrived(-part.size)
        part.remove()
    have = part.size
    if have and have == size:
        return
    async with client.get(url, _headers(part, url)) as answer:
        if answer.status_code == 416 and have and _length_of(answer) == have:
            return
        _check(answer, have, part.etag(url), size)
        await _write(answer, url, part, size, arrived)
    if size is not None and part.size < size:
        raise TryAgainError(f"cut after {part.size:,} of {size:,} bytes")


def _headers(part: Part, url: str) -> dict[str, str]:
    if not part.size:
        return {}
    etag = part.etag(url)
    return {"Range": f"bytes={part.size}-"} | ({"If-Range": etag} if etag else {})


def _check(answer: httpx2.Response, have: int, etag: str | None, size: int | None) -> None:
    """Refuse an answer that is not the file, or not the rest of it."""
    headers = answer.headers
    trouble = of_status(answer.status_code, headers.get("retry-after"))
    if isinstance(trouble, TryAgainError):
        trouble.url = str(answer.url)
    if trouble:
        raise trouble
    if headers.get("content-type", "").startswith("text/html"):
        raise GiveUpError(_A_PAGE)
    if answer.status_code == 206:
        if not headers.get("content-range", "").startswith(f"bytes {have}-"):
            raise TryAgainError("another range than was asked for", anew=True)
        if have and etag and headers.get("etag", etag) != etag:
            raise TryAgainError("the rest of another version", anew=True)
    length = _length_of(answer)
    if size is not None and length is not None and length != size:
        raise TryAgainError(f"announces {length:,} bytes where the table says {size:,}", anew=True)


def _length_of(answer: httpx2.Response) -> int | None:
    """Bytes of the whole file as the server announces them."""
    headers = answer.headers
    text = headers.get("content-range", "").rpartition("/")[2]
    if answer.status_code == 200:
        text = headers.get("content-length", "")
    return int(text) if text.isdecimal() else None


async def _write(
    answer: httpx2.Response, url: str, part: Part, size: int | None, arrived: Callable[[int], None]
) -> None:
    """Add the body to the part, each piece as it comes: what a kill leaves can be gone on with."""
    pieces = answer.aiter_raw()
    first = await anext(pieces, b"")
    if answer.status_code == 200 or not part.size:
        if first[:16].lstrip().lower().startswith(_PAGE):
            raise GiveUpError(_A_PAGE)
        arrived(-part.size)
        part.begin(url, answer.headers.get("etag"))
    with part.path.open("ab") as file:
        have, piece = file.tell(), first
        while piece:
            have += len(piece)
            if size is not None and have > size:
                raise TryAgainError(f"more than the {size:,} bytes that the table says", anew=True)
            file.write(piece)
            file.flush()
            arrived(len(piece))
            piece = await anext(pieces, b"")
