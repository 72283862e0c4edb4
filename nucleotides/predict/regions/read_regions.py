"""Regions of a genome from a BED or a table, each checked."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import pandas as pd

from nucleotides.errors import CoordinateError, InputError, UnknownNameError
from nucleotides.files import is_cut_bgzip
from nucleotides.genome import GenomeStore
from nucleotides.genome.match_contigs import match_contigs

_NEEDED = ["chrom", "start", "end"]
_OPTIONAL = ["name", "strand"]
_NO_LINE = ("#", "track ", "browser ")
_WHOLE = re.compile(r"-?\d+")
_STRANDS = ("+", "-", ".")


class _Region(NamedTuple):
    """A region, where it was read (line from 1 or row from 0)."""

    number: int
    chrom: str
    start: int
    end: int
    name: str | None
    strand: str | None


def read_regions(regions: str | Path | pd.DataFrame, genome: GenomeStore) -> pd.DataFrame:
    """A row a region, in the order given, the index that of the table given or numbers from 0.

    Args:
        regions: path of a BED (plain, gzip or bgzip; three columns or more), or a table with
            columns `chrom`, `start`, `end` (0-based, half-open) and perhaps `name` and `strand`.
        genome: what they are regions of; 20 and chr20, MT and chrM are the same.

    Returns:
        `chrom` as written, `start`, `end`; `name` and `strand` where any region has one;
        `contig`, the position in `genome.contigs`.

    Raises:
        InputError: no regions, columns that are missing or no numbers, an unknown strand.
        UnknownNameError: a contig that the genome has not; the message suggests the nearest.
        CoordinateError: start < end does not hold, or it is not within its contig.
            All name the line or row.
    """
    if isinstance(regions, pd.DataFrame):
        source, where = _rows(regions), "row"
    else:
        source, where = _lines(Path(regions)), f"{regions} line"
    table = pd.DataFrame(list(source), columns=list(_Region._fields))
    if table.empty:
        what = "the table" if isinstance(regions, pd.DataFrame) else regions
        raise InputError(f"there is no region in {what}")
    numbers = table.pop("number")
    table = table.drop(columns=[name for name in _OPTIONAL if table[name].isna().all()])
    table["contig"] = _contigs(table, numbers, genome, where)
    _check_places(table, numbers, genome, where)
    if isinstance(regions, pd.DataFrame):
        table.index = regions.index
    return table


def _rows(table: pd.DataFrame) -> Iterator[_Region]:
    if missing := [name for name in _NEEDED if name not in table]:
        raise InputError(
            f"the table of regions has no column {', '.join(missing)}: "
            f"it needs {', '.join(_NEEDED)}, as a BED has them"
        )
    columns = [name for name in (*_NEEDED, *_OPTIONAL) if name in table]
    values = table[columns].reindex(columns=[*_NEEDED, *_OPTIONAL]).astype(object)
    values = values.where(values.notna(), None)
    for number, fields in enumerate(values.itertuples(index=False)):
        yield _region(number, "row", *fields)


def _lines(path: Path) -> Iterator[_Region]:
    if not path.is_file():
        raise InputError(f"no BED at {path}")
    if is_cut_bgzip(path):
        raise InputError(f"{path} is damaged or truncated (bgzip's end is missing): fetch it again")
    try:
        with _opened(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and not line.startswith(_NO_LINE):
                    yield _of_line(number, line.rstrip("\r\n"), f"{path} line")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is damaged or truncated ({error}): fetch it again") from error


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    opened = gzip.open if packed else open
    return opened(path, "rt", encoding="utf-8", errors="replace")


def _of_line(number: int, line: str, where: str) -> _Region:
    fields = line.split("\t") if "\t" in line else line.split()
    if len(fields) < len(_NEEDED):
        raise InputError(
            f"{where} {number}: {len(fields)} column(s), where a BED has three or more, "
            "parted by tabs: chrom start end name score strand"
        )
    name = fields[3] if len(fields) > 3 else None
    strand = fields[5] if len(fields) > 5 else None
    chrom, start, end = fields[:3]
    return _region(number, where, chrom, start, end, name, strand)


def _region(
    number: int, where: str, chrom: object, start: object, end: object, name: object, strand: object
) -> _Region:
    if strand is not None and strand not in _STRANDS:
        raise InputError(f"{where} {number}: strand {strand!r} is none of '+', '-', '.'")
    first, last = (_whole(value, f"{where} {number}") for value in (start, end))
    texts = (None if value is None else str(value) for value in (name, strand))
    return _Region(number, str(chrom), first, last, *texts)


def _whole(value: object, where: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not _WHOLE.fullmatch(str(value)):
        raise InputError(f"{where}: start or end {value!r} is no whole number")
    return int(str(value))


def _contigs(
    table: pd.DataFrame, numbers: pd.Series[int], genome: GenomeStore, where: str
) -> pd.Series[int]:
    """Positions of the contigs in the genome."""
    contigs = table["chrom"].map(match_contigs(table["chrom"].unique(), genome.contigs))
    unknown = np.flatnonzero(contigs < 0)
    if unknown.size:
        first = unknown[0]
        hint = f"(in {genome.path}; {where} {numbers.iloc[first]})"
        raise UnknownNameError("contig", table["chrom"].iloc[first], genome.contigs, hint)
    return contigs.astype(np.int64)


def _check_places(
    table: pd.DataFrame, numbers: pd.Series[int], genome: GenomeStore, where: str
) -> None:
    lengths = genome.lengths[table["contig"]]
    empty = (table["start"] >= table["end"]).to_numpy()
    wrong = np.flatnonzero(empty | (table["start"] < 0) | (table["end"] > lengths))
    if not wrong.size:
        return
    chrom, start, end = table.iloc[wrong[0]][_NEEDED]
    what = f"{where} {numbers.iloc[wrong[0]]}: {chrom}:{start}-{end}"
    if empty[wrong[0]]:
        raise CoordinateError(f"{what} has no base: start < end is needed (0-based, half-open)")
    size = lengths[wrong[0]]
    raise CoordinateError(f"{what} is not within {chrom}, which has {size:,} bases (0 to {size})")
