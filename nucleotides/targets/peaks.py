"""Read a peak file: bed, narrowPeak or broadPeak, gzipped or not."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nucleotides.errors import PeakFileError
from nucleotides.files import lacks_bgzip_end
from nucleotides.gunzip import DAMAGED, gunzip
from nucleotides.targets.scan import Peaks, scan

SUFFIXES = (".bed", ".narrowPeak", ".broadPeak")
_MAX_COORDINATE = 2**31 - 1
_COLUMNS: dict[str, Any] = {"chrom": str, "start": np.int64, "end": np.int64}
_NOT_DATA = re.compile(rb"^(?:#|track\b|browser\b|\s*$)")
_NUMBER = re.compile(rb"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_MAY_BEGIN_NOT_DATA = np.isin(np.arange(256), list(b"#tb \t\r\n"))
_COLUMN_NAMES = {b"start", b"chromstart", b"chrom_start", b"begin"}


def is_peak_file(path: Path) -> bool:
    """Whether the file's name ends as a peak file's does, `.gz` or not."""
    return path.name.removesuffix(".gz").endswith(SUFFIXES)


def read_peaks(path: str | Path) -> pd.DataFrame:
    """Peaks of a file, in its order, as a table with chrom (category), start, end (int64).

    Columns from the fourth on are not read, and may differ from line to line; comments, `track`
    and `browser` lines, blank lines and one line of column names are passed over.

    Raises:
        PeakFileError: a file that is missing, damaged, truncated or without any peak, or a line
            with fewer than 3 columns, coordinates that are no numbers or negative, or
            start > end. The message names file and line.
    """
    peaks = read_columns(Path(path))
    chrom = pd.Categorical.from_codes(peaks.contig, pd.Index(peaks.names, dtype=str))
    return pd.DataFrame({"chrom": chrom, "start": peaks.starts, "end": peaks.ends})


def read_columns(path: Path) -> Peaks:
    """Peaks of a file as `read_peaks` reads them, as arrays.

    Raises:
        PeakFileError: as `read_peaks` does.
    """
    text = _read(path)
    peaks = scan(text)
    if peaks is None:
        return _columns(_read_any_form(path, text))
    if not peaks.starts.size:
        raise PeakFileError(f"{path} holds no peak")
    return peaks


def _columns(table: pd.DataFrame) -> Peaks:
    chrom = table["chrom"].cat
    names = [str(name) for name in chrom.categories]
    return Peaks(
        names,
        chrom.codes.to_numpy().astype(np.int32),
        table["start"].to_numpy(np.int64),
        table["end"].to_numpy(np.int64),
    )


def _read_any_form(path: Path, text: bytes) -> pd.DataFrame:
    table = _parse(_data_lines(text))
    if table is None:
        raise _fault(path, text)
    if table.empty:
        raise PeakFileError(f"{path} holds no peak")
    bad = (table["start"] < 0) | (table["end"] < table["start"]) | (table["end"] > _MAX_COORDINATE)
    if bad.any():
        raise _fault(path, text)
    return table


def _read(path: Path) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            raw = file.readall()
    except (FileNotFoundError, IsADirectoryError):
        raise PeakFileError(f"no peak file at {path}") from None
    if lacks_bgzip_end(raw, raw):
        raise PeakFileError(
            f"{path} is damaged or truncated (bgzip's end is missing): fetch it again"
        )
    try:
        return gunzip(raw) if raw[:2] == b"\x1f\x8b" else raw
    except DAMAGED as error:
        raise PeakFileError(f"{path} is damaged or truncated ({error}): fetch it again") from error


def _data_lines(text: bytes) -> bytes:
    if _may_hold_not_data(text):
        text = b"\n".join(line for line in text.split(b"\n") if not _NOT_DATA.match(line))
    first, _, rest = text.partition(b"\n")
    return rest if _is_column_names(first) else text


def _may_hold_not_data(text: bytes) -> bool:
    """Whether any line begins as a comment, a blank line, `track` or `browser` does."""
    letters = np.frombuffer(text, np.uint8)
    firsts = np.append(0, np.flatnonzero(letters == ord("\n")) + 1)
    return bool(_MAY_BEGIN_NOT_DATA[letters[firsts[firsts < letters.size]]].any())


def _is_column_names(line: bytes) -> bool:
    columns = line.split()
    return len(columns) > 2 and columns[1].lower() in _COLUMN_NAMES


def _parse(text: bytes) -> pd.DataFrame | None:
    """The table, or None where a line cannot be read."""
    if not text.strip():
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()})
    separator = "\t" if b"\t" in text.partition(b"\n")[0] else r"\s+"
    width = max(len(re.split(separator, text.partition(b"\n")[0].decode(errors="replace"))), 3)
    try:
        with np.errstate(invalid="ignore"):  # infinity becomes a number that is found wrong later
            table: pd.DataFrame = pd.read_csv(
                io.BytesIO(text),
                sep=separator,
                header=None,
                names=range(width),
                usecols=[0, 1, 2],
                dtype=dict(enumerate(_COLUMNS.values())),
                na_filter=False,
                quoting=3,
            )
        return table.set_axis(list(_COLUMNS), axis=1).astype({"chrom": "category"})
    except (ValueError, OverflowError, pd.errors.ParserError):
        return _parse_ragged(text)


def _parse_ragged(text: bytes) -> pd.DataFrame | None:
    """Line by line, for files whose lines differ in their number of columns."""
    rows = [line.split(maxsplit=3)[:3] for line in text.splitlines()]
    try:
        chrom = [row[0].decode() for row in rows]
        start, end = ([_whole(row[i]) for row in rows] for i in (1, 2))
        table = pd.DataFrame({"chrom": chrom, "start": start, "end": end})
        return table.astype({**_COLUMNS, "chrom": "category"})
    except (ValueError, IndexError, OverflowError):
        return None


def _whole(column: bytes) -> int:
    """The whole number; R writes 100000 as 1e+05.

    Raises:
        ValueError: it is none.
    """
    match = _NUMBER.fullmatch(column)
    if match and not (match[1] or match[2]):
        return int(column)
    if not match or not float(column).is_integer():
        raise ValueError(column)
    return int(float(column))


def _fault(path: Path, text: bytes) -> PeakFileError:
    """The error for the first line that is wrong."""
    seen_data = False
    for number, line in enumerate(text.split(b"\n"), 1):
        if _NOT_DATA.match(line) or (not seen_data and _is_column_names(line)):
            continue
        seen_data = True
        reason = _line_fault(line)
        if reason:
            shown = line[:80].decode(errors="replace").strip()
            return PeakFileError(f"{path}, line {number}: {reason}: {shown!r}")
    return PeakFileError(f"{path} cannot be read as peaks")


def _line_fault(line: bytes) -> str:
    columns = line.split(maxsplit=3)
    if len(columns) < 3:
        return "fewer than 3 columns"
    place = []
    for name, column in (("start", columns[1]), ("end", columns[2])):
        try:
            place.append(_whole(column))
        except ValueError:
            return f"{name} is not a whole number"
        if place[-1] < 0:
            return f"{name} is negative"
        if place[-1] > _MAX_COORDINATE:
            return f"{name} is beyond {_MAX_COORDINATE:,}, larger than any contig here"
    start, end = place
    return f"start {start} is beyond end {end}" if start > end else ""
