"""Gzip to bytes by ISA-L, several times as fast as zlib, in one place for its missing types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from isal import igzip, isal_zlib

DAMAGED: tuple[type[Exception], ...] = (
    EOFError,
    cast(Any, isal_zlib).error,
    igzip.BadGzipFile,
)
"""What is raised for bytes that are damaged, cut or no gzip."""

_MOST = 1 << 20
_GZIP = 31  # window bits of a member with gzip's header and checksum


def gunzip(packed: bytes) -> bytes:
    """All members of a gzip (bgzip is many) unpacked; no lock is held meanwhile.

    Raises:
        one of DAMAGED: the bytes are damaged, cut, or no gzip.
    """
    return cast(bytes, cast(Any, igzip).decompress(packed))


def gunzip_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same of a stream, piece by piece: at most 1 MiB at once, however well it was packed.

    Raises:
        one of DAMAGED: as `gunzip`, after all that could be unpacked before.
    """
    member: Any = None
    for piece in pieces:
        while piece:
            member = member or cast(Any, isal_zlib).decompressobj(_GZIP)
            yield member.decompress(piece, _MOST)
            piece = member.unused_data if member.eof else member.unconsumed_tail
            if member.eof:
                member, piece = None, piece.lstrip(b"\0")
    if member is not None:
        raise EOFError("the last member has no end")
