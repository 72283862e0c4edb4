"""The reference and the blacklist: there, or fetched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nucleotides.encode.options import Options
from nucleotides.encode.reference import Fetched, fetch_reference, read_note
from nucleotides.encode.urls import rebase
from nucleotides.errors import DownloadError, FastaError
from nucleotides.preprocess.log import Log
from nucleotides.preprocess.portal import Portal


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a file is fetched from if it is not there, and its MD5; None where not known."""

    url: str | None = None
    md5: str | None = None

    def known(self, path: Path) -> dict[str, Any]:
        """What is known of the file that lies at `path`, for the lock file."""
        noted = read_note(path)
        known = {"url": self.url, "md5": self.md5 or noted.get("md5"), "bytes": noted.get("size")}
        return {key: value for key, value in known.items() if value}


def get_reference(path: Path, wanted: Wanted, portal: Portal, log: Log) -> None:
    """Fetch the reference unless it is there.

    Raises:
        FastaError: it is not there, and nobody knows where it can be had.
        DownloadError: it cannot be fetched.
    """
    if path.exists():
        return
    if not wanted.url:
        raise FastaError(f"no FASTA at {path.absolute()}")
    _say(_get(path, wanted, portal.options, portal), path, log)


def get_blacklist(path: Path | None, wanted: Wanted, portal: Portal, log: Log) -> None:
    """Fetch the blacklist unless it is there; without it, say so and go on."""
    if path is None or path.exists() or not wanted.url:
        return
    try:
        _say(_get(path, wanted, replace(portal.options, attempts=2), portal), path, log)
    except DownloadError as error:
        log.say(
            f"no blacklist: {error} Going on without it; put a bed at {path}, "
            "or set NUCLEOTIDES_BLACKLIST_URL (none: no blacklist is wanted)"
        )


def _get(path: Path, wanted: Wanted, options: Options, portal: Portal) -> Fetched:
    assert wanted.url
    return fetch_reference(rebase(wanted.url, portal.base_url), path, wanted.md5, options)


def _say(fetched: Fetched, path: Path, log: Log) -> None:
    checked = "MD5 checked" if fetched.checked else "no checksum was published to check it by"
    log.say(f"fetched {path.name}, {fetched.size / 1e6:,.1f} MB, {checked}")
