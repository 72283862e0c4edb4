"""A file elsewhere: where it can be had, and what is known of its content."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remote:
    """A file to fetch.

    Attributes:
        name: the file's name in the download folder, as `ENCFF199YFA.bed.gz`.
        urls: absolute addresses, the best first; the others are mirrors of the same bytes.
        size: bytes, or None if not known.
        md5: hexadecimal MD5 of the bytes, or None if not known.
    """

    name: str
    urls: tuple[str, ...]
    size: int | None = None
    md5: str | None = None
