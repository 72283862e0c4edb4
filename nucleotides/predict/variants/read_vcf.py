"""Lines of a VCF, of a file or of standard input, in constant memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from nucleotides.errors import InputError
from nucleotides.files import lacks_bgzip_end
from nucleotides.gunzip import DAMAGED, gunzip_pieces

MOST_BYTES = 1 << 26
"""Of a line: alleles of some Mb are well below, and a file that is no text is not read whole."""

_PIECE = 1 << 18
_NO_RECORD = (b"", b"#", b"\r")
_MARK = b"\xef\xbb\xbf"
"""UTF-8's byte order mark, which some editors put first."""
_TAB = 9
_BROKEN: tuple[type[Exception], ...] = (*DAMAGED, OSError)


def read_lines(source: str | Path | None) -> Iterator[tuple[int, str]]:
    """Lines and their numbers from 1, without their ends (LF or CR LF).

    Args:
        source: plain, gzip or bgzip; None is standard input.

    Raises:
        InputError: no such file, an empty one or a BCF; when it is reached, what is damaged,
            truncated, longer than `MOST_BYTES` or not UTF-8. The message names the line.
    """
    name, number, record = name_of(source), 0, 0
    with ExitStack() as stack:
        file = sys.stdin.buffer if source is None else stack.enter_context(_opened(Path(source)))
        try:
            for block in _blocks(_unpacked(file)):
                if number == 0 and block.startswith(b"BCF"):
                    raise InputError(f"{name} is a BCF: make a VCF of it with `bcftools view`")
                for line in block.removesuffix(b"\n").split(b"\n"):
                    number += 1
                    record += line[:1] not in _NO_RECORD
                    line = line.removeprefix(_MARK) if number == 1 else line
                    yield number, line.removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            if any(byte < _TAB for byte in error.object):
                raise InputError(f"{name} line {number} is no text: it is no VCF") from None
            raise InputError(
                f"{name} record {record}, line {number}: byte {error.start + 1} is not UTF-8, in "
                "which a VCF is written: `iconv -f latin1 -t utf-8` may help"
            ) from None
        except OverflowError:
            raise InputError(
                f"{name} record {record + 1}, line {number + 1} is longer than "
                f"{MOST_BYTES >> 20} MiB: that is no record of a VCF"
            ) from None
        except _BROKEN as error:
            raise InputError(
                f"{name} is damaged or truncated after record {record}, line {number} ({error}): "
                "fetch it again"
            ) from error
    if number == 0:
        raise InputError(f"{name} is empty: a VCF has a header or records")


def name_of(source: str | Path | None) -> str:
    """What messages call it."""
    return "standard input" if source is None else str(source)


def _opened(path: Path) -> IO[bytes]:
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the VCF itself")
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(f"no VCF at {path}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    """Pieces of what was written, whether it was packed or not."""
    head = file.read(_PIECE)
    pieces = _pieces(head, file)
    return gunzip_pieces(pieces) if head.startswith(b"\x1f\x8b") else pieces


def _pieces(head: bytes, file: IO[bytes]) -> Iterator[bytes]:
    """All of a file, of which `head` was read.

    Raises:
        EOFError: it began as bgzip does and lacks its end.
    """
    piece, tail = head, b""
    while piece:
        yield piece
        tail = (tail + piece)[-64:]
        piece = file.read(_PIECE)
    if lacks_bgzip_end(head, tail):
        raise EOFError("bgzip's end is missing")


def _blocks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines, many at once; the last may lack its newline.

    Raises:
        OverflowError: a line is longer than `MOST_BYTES`; those before were given.
    """
    begun, size = list[bytes](), 0
    for piece in pieces:
        whole, newline, rest = piece.rpartition(b"\n")
        if newline:
            yield b"".join([*begun, whole, newline])
            begun, size = [], 0
        begun.append(rest)
        size += len(rest)
        if size > MOST_BYTES:
            raise OverflowError
    if size:
        yield b"".join(begun)
