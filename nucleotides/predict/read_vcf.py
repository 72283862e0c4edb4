"""Records of a VCF, read as text so that a malformed one is told by its line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from nucleotides.errors import InputError
from nucleotides.files import is_cut_bgzip

_NEEDED = 5


class Record(NamedTuple):
    """Where a record stands (line of a file from 1, or row of a table from 0), and its columns."""

    number: int
    chrom: str
    pos: object
    id: str
    ref: str
    alt: str


def read_vcf(path: Path) -> Iterator[Record]:
    """Records of a VCF (plain, gzip or bgzip), with a header or without one.

    Only the first five columns are looked at: CHROM, POS, ID, REF, ALT.

    Raises:
        InputError: no such file, a damaged one or a BCF; a record with fewer than five columns, or
            with another number of columns than the header or, without one, the first record has.
    """
    if not path.is_file():
        raise InputError(f"no VCF at {path}")
    if is_cut_bgzip(path):
        raise InputError(f"{path} is damaged or truncated (bgzip's end is missing): fetch it again")
    try:
        with _opened(path) as lines:
            yield from _records(path, lines)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is damaged or truncated ({error}): fetch it again") from error


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    opened = gzip.open if packed else open
    return opened(path, "rt", encoding="utf-8", errors="replace")


def _records(path: Path, lines: IO[str]) -> Iterator[Record]:
    columns = 0
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith("BCF"):
            raise InputError(f"{path} is a BCF: make a VCF of it with `bcftools view`")
        line = line.rstrip("\n")
        if not line or (line[0] == "#" and not line.startswith("#CHROM")):
            continue
        n = line.count("\t") + 1
        if n < _NEEDED or columns not in (0, n):
            raise InputError(
                f"{path} line {number}: {n} columns, where {columns or 'five or more'} are "
                "expected, parted by tabs: CHROM POS ID REF ALT ..."
            )
        columns = n
        if line[0] != "#":
            chrom, pos, name, ref, alt = line.split("\t", _NEEDED)[:_NEEDED]
            yield Record(number, chrom, pos, name, ref, alt)
