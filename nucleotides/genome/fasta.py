"""Read a FASTA (plain, gzip or bgzip) as codes, block by block."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import FastaError
from nucleotides.files import is_cut_bgzip
from nucleotides.genome.alphabet import CODE_OF_BYTE, INVALID

_BLOCK = 1 << 24


@dataclass
class FastaReader:
    """Iterate over (contig name, uint8 codes of the next piece of it).

    After the last piece `sha256` is the checksum of the file's own bytes and `bytes_read` their
    number; `records` counts the headers met so far. Case is ignored; IUPAC ambiguity letters
    become N; a name ends at the first blank.

    Raises:
        FastaError: a missing, empty or truncated file, text before the first header, a character
            that is no nucleotide letter, a contig without a name or sequence, or one that comes
            twice. The message names the file and the contig.
    """

    path: Path
    sha256: str = field(default="", init=False)
    bytes_read: int = field(default=0, init=False)
    records: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[tuple[str, NDArray[np.uint8]]]:
        if not self.path.is_file():
            raise FastaError(f"no FASTA at {self.path}")
        if is_cut_bgzip(self.path):
            raise FastaError(
                f"{self.path} is damaged or truncated (bgzip's end is missing): fetch it again"
            )
        with self.path.open("rb") as raw:
            counted = _Counted(raw)
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            stream: IO[bytes] = (
                gzip.GzipFile(fileobj=counted) if packed else io.BufferedReader(counted)  # type: ignore[assignment]
            )
            try:
                yield from self._pieces(stream)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise FastaError(
                    f"{self.path} is damaged or truncated ({error}): fetch it again"
                ) from error
            counted.drain()
            self.sha256, self.bytes_read = counted.digest.hexdigest(), counted.total

    def _pieces(self, stream: IO[bytes]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
        name, bases, seen = "", 0, set[str]()
        for is_header, text in _split(stream):
            if not is_header:
                codes = self._codes(name, bases, text)
                bases += codes.size
                if codes.size:
                    yield name, codes
                continue
            self._check_not_empty(name, bases)
            self.records += 1
            name, bases = (text[1:].split() or [b""])[0].decode(errors="replace"), 0
            if not name or name in seen:
                what = f"contig {name!r} twice" if name else "a contig without a name"
                raise FastaError(f"{self.path} has {what}")
            seen.add(name)
        if not seen:
            raise FastaError(f"{self.path} holds no sequence")
        self._check_not_empty(name, bases)

    def _codes(self, name: str, bases: int, text: bytes) -> NDArray[np.uint8]:
        codes = np.frombuffer(text.translate(CODE_OF_BYTE, b"\r\n"), np.uint8)
        if codes.size and not name:
            raise FastaError(f"{self.path} does not begin with a '>' header: is it a FASTA?")
        if codes.size and codes.max() == INVALID:
            at = int(np.argmax(codes == INVALID))
            character = chr(text.translate(None, b"\r\n")[at])
            raise FastaError(
                f"{self.path}, contig {name}, base {bases + at + 1}: "
                f"{character!r} is not a nucleotide letter"
            )
        return codes

    def _check_not_empty(self, name: str, bases: int) -> None:
        if name and not bases:
            raise FastaError(f"{self.path}: contig {name} has no sequence")


def _split(stream: IO[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Pieces of the text, each either one whole header line or some sequence lines."""
    rest, at_line_start = b"", True
    while block := stream.read(_BLOCK):
        text, rest = rest + block, b""
        start = 0
        while start < len(text):
            if at_line_start and text[start : start + 1] == b">":
                end = text.find(b"\n", start)
                if end < 0:
                    rest = text[start:]
                    break
                yield True, text[start:end]
                start = end + 1
                continue
            header = text.find(b"\n>", start)
            end = len(text) if header < 0 else header + 1
            yield False, text[start:end]
            at_line_start = text[end - 1 : end] == b"\n"
            start = end
    if rest:
        yield True, rest


class _Counted(io.RawIOBase):
    """A binary file whose bytes are hashed as they are read."""

    def __init__(self, raw: IO[bytes]) -> None:
        self.raw, self.digest, self.total = raw, hashlib.sha256(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.raw.read(len(buffer))
        buffer[: len(data)] = data
        self.digest.update(data)
        self.total += len(data)
        return len(data)

    def drain(self) -> None:
        while self.read(_BLOCK):
            pass
