"""Gzip to bytes by ISA-L, several times as fast as zlib, in one place for its missing types."""

from __future__ import annotations

from typing import Any, cast

from isal import igzip, isal_zlib

DAMAGED: tuple[type[Exception], ...] = (
    EOFError,
    cast(Any, isal_zlib).error,
    igzip.BadGzipFile,
)
"""What `gunzip` raises for bytes that are damaged, cut or no gzip."""


def gunzip(packed: bytes) -> bytes:
    """All members of a gzip (bgzip is many) unpacked; no lock is held meanwhile.

    Raises:
        one of DAMAGED: the bytes are damaged, cut, or no gzip.
    """
    return cast(bytes, cast(Any, igzip).decompress(packed))
