"""An uploaded VCF: to disk as it comes, then looked through once, in little memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from nucleotides.api.config import Config
from nucleotides.errors import InputError, TooLargeError
from nucleotides.gunzip import DAMAGED, gunzip_pieces
from nucleotides.jobs.job import Job
from nucleotides.jobs.queue import Queue
from nucleotides.jobs.tidy import make_room

_SLOWEST = 10_000  # bytes a second, on average
_PIECE = 1 << 18
_LONGEST = 1 << 26  # of a line, as `nucleotides variants` reads it
_NOTE = 1 << 24  # bytes between notes in the queue


async def receive_vcf(request: Request, queue: Queue, job: Job, path: Path, config: Config) -> None:
    """Write the body of a request to a file.

    Raises:
        TooLargeError: it is longer than an upload may be, or than there is room for.
        HTTPException: 408, it comes too slowly.
        ClientDisconnect: the client left before its end.
    """
    most, told = config.max_upload_bytes, request.headers.get("content-length", "0")
    if not told.isdigit() or len(told) > 20 or int(told) > most:
        raise TooLargeError(f"an upload has {most:,} bytes at most")
    size = noted = 0
    with path.open("wb") as file:
        async for piece in _in_time(request, config.read_timeout):
            size += len(piece)
            if size > most:
                raise TooLargeError(f"an upload has {most:,} bytes at most")
            await run_in_threadpool(file.write, piece)
            if size - noted >= _NOTE:
                noted = size
                await run_in_threadpool(_note, queue, job, size)


async def _in_time(request: Request, seconds: float) -> AsyncIterator[bytes]:
    """Pieces of a body that comes quickly enough."""
    pieces, begin, size = request.stream(), time.monotonic(), 0
    while True:
        left = begin + seconds + size / _SLOWEST - time.monotonic()
        try:
            async with asyncio.timeout(max(left, 0.0)):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise HTTPException(408, "the upload came too slowly, and was given up") from None
        size += len(piece)
        yield piece


def _note(queue: Queue, job: Job, size: int) -> None:
    """Others see that it still comes, and what room it takes."""
    queue.arriving(job.id, size)
    if not make_room(queue):
        raise TooLargeError("the upload is larger than the room that this server has for jobs")


def check_vcf(path: Path, most: int) -> None:
    """Look through an upload, whatever it is: it must look like a VCF from beginning to end.

    Raises:
        InputError: it is empty, damaged, has a line that is too long, or its first record has
            fewer than five columns or a POS that is no number.
        TooLargeError: unpacked it has more than `most` bytes.
    """
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        pieces = _pieces(file)
        unpacked = gunzip_pieces(pieces) if packed else pieces
        size, line, seen = 0, bytearray(), False
        try:
            for piece in unpacked:
                size += len(piece)
                if size > most:
                    raise TooLargeError(f"unpacked, the VCF has more than {most:,} bytes")
                *lines, rest = piece.split(b"\n") if not seen else piece.rsplit(b"\n", 1)
                for i, one in enumerate(lines):
                    whole = bytes(line) + one if i == 0 else one
                    seen = seen or _is_record(whole)
                if lines:
                    line.clear()
                line += rest
                if len(line) > _LONGEST:
                    raise InputError("the upload has a line of more than 64 MiB: it is no VCF")
        except DAMAGED as error:
            raise InputError(f"the upload is damaged or cut ({error}): send it again") from error
    if not seen and not _is_record(bytes(line)):
        raise InputError("the upload has no record: a VCF has lines CHROM POS ID REF ALT ...")


def _is_record(line: bytes) -> bool:
    """Whether a line is a record; a header is none.

    Raises:
        InputError: it is neither.
    """
    if not line.strip() or line.startswith((b"#", b"\xef\xbb\xbf#")):
        return False
    columns = line.split(b"\t", 5)
    if len(columns) < 5:
        raise InputError(
            "the upload is no VCF: a record has CHROM POS ID REF ALT ..., parted by tabs, not "
            f"{_shown(line)}"
        )
    if not columns[1].isdigit():
        raise InputError(
            f"the upload's first record, {_shown(line)}, has POS {_shown(columns[1])}, which is no "
            "whole number from 0"
        )
    return True


def _shown(text: bytes) -> str:
    return repr(text[:40].decode(errors="replace"))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
