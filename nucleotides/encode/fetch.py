"""One file from the best of its addresses: tried again, resumed, checked, then given its name."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from nucleotides.encode.client import Client
from nucleotides.encode.remote import Remote
from nucleotides.encode.transfer import Part, transfer
from nucleotides.encode.trouble import GiveUpError, TroubleError, TryAgainError
from nucleotides.errors import DownloadError
from nucleotides.progress import say

_TRIES = 200  # of one address, whatever they bring
_WRONG = 2  # times that what comes may be another file before an address is given up
_CHUNK = 1 << 20
_LONG = 5.0  # seconds of waiting that are told of


async def fetch(
    client: Client,
    remote: Remote,
    target: Path,
    arrived: Callable[[int], None],
    whole: Callable[[Path], None] = lambda _: None,
) -> None:
    """Fetch a file to `target`, which is replaced only by a whole and right one.

    A part that an earlier run left is gone on with, if there is a checksum to catch a mixture, or
    the server can be asked for the rest of the same version.

    Args:
        arrived: told of bytes as they come; of bytes thrown away as a negative number.
        whole: is given the file, whole and right, before it takes its name.

    Raises:
        DownloadError: no address gave it; the message has each and what it did.
    """
    reasons = []
    target.parent.mkdir(parents=True, exist_ok=True)
    for url in remote.urls:
        try:
            await _fetch_from(client, url, remote, Part.of(target), arrived)
            whole(Part.of(target).path)
            Part.of(target).become(target)
            return
        except TroubleError as trouble:
            reasons.append(f"{trouble.reason} from {url}")
    raise DownloadError("; ".join(reasons) or "no address is known")


async def _fetch_from(
    client: Client, url: str, remote: Remote, part: Part, arrived: Callable[[int], None]
) -> None:
    """Try one address until the part is the whole, right file."""
    options, failures, resume = client.options, 0, remote.md5 is not None
    wrong = -1 if part.size else 0  # what was there may be of another version
    for _ in range(_TRIES):
        had = part.size
        try:
            await transfer(client, url, part, remote.size, resume, arrived)
            await _check(part, remote)
            return
        except TryAgainError as trouble:
            wrong += trouble.anew
            failures = 1 if part.size > had and not trouble.anew else failures + 1
            if trouble.anew:
                arrived(-part.size)
                part.remove()
            if failures >= options.attempts or wrong >= _WRONG:
                raise GiveUpError(_told(trouble, failures)) from None
            await wait_after(trouble, failures, client, url)
    raise GiveUpError(f"still not whole after {_TRIES} tries")


async def _check(part: Part, remote: Remote) -> None:
    """Compare the checksum, and see that the bytes are on the disk."""
    found = await asyncio.to_thread(_md5, part.path)
    if remote.md5 and found != remote.md5:
        raise TryAgainError(f"its MD5 is {found}, not {remote.md5}", anew=True)


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        os.fsync(file.fileno())
    return digest.hexdigest()


async def wait_after(trouble: TryAgainError, failures: int, client: Client, url: str) -> None:
    """Wait as the server asks, or longer with each failure; a 429 holds its host back for all.

    Raises:
        GiveUpError: it asks for too long.
    """
    options = client.options
    wait = options.wait_after(failures) if trouble.wait is None else trouble.wait
    if trouble.everyone:
        client.hold_back(trouble.url or url, wait)
    if wait > options.longest_wait:
        raise GiveUpError(f"{trouble.reason}, asks to wait {wait:,.0f} s")
    if failures > 1 or wait > _LONG:
        say(f"{trouble.reason} from {url}: asking again in {wait:.0f} s")
    if not trouble.everyone:
        await options.sleep(wait)


def _told(trouble: TryAgainError, failures: int) -> str:
    return trouble.reason if failures < 2 else f"{trouble.reason} ({failures} times)"
