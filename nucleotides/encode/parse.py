"""From the bytes of a delimited text file to columns of strings, or to a plain error."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nucleotides.errors import MetadataError

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Raw:
    """A file's header, and its rows for the columns that were wanted."""

    header: list[str]
    table: pd.DataFrame


def read_bytes(path: Path) -> bytes:
    """A file's bytes, unpacked if it is gzipped, without a byte order mark.

    Raises:
        MetadataError: the file cannot be read, or is a damaged gzip file.
    """
    import zlib

    from isal import igzip, isal_zlib

    try:
        data = path.read_bytes()
    except OSError as error:
        raise MetadataError(f"{path} cannot be read: {error.strerror}") from error
    if data[:2] == b"\x1f\x8b":
        try:
            data = igzip.decompress(data)  # type: ignore[no-untyped-call]
        except (EOFError, OSError, zlib.error, isal_zlib.error) as error:  # type: ignore[misc]
            raise MetadataError(f"{path} is a damaged or cut gzip file: fetch it again") from error
    return data.removeprefix(_BOM)


def refuse_pages(path: Path, data: bytes) -> None:
    """Raise MetadataError if the content is nothing, a web page, or a portal's JSON."""
    start = data[:1000].lstrip()
    if not start:
        raise MetadataError(f"{path} is empty: fetch it again")
    if start[:1] == b"<":
        raise MetadataError(
            f"{path} is a web page, not a table: open its address in a browser to see what the "
            "portal says, then fetch it again"
        )
    if start[:1] == b"{":
        shown = start[:200].decode(errors="replace").replace("\n", " ")
        raise MetadataError(f"{path} is JSON, not a table; it begins {shown}")


def parse_table(path: Path, wanted: Callable[[list[str], Path], list[str]]) -> Raw:
    """Read a file with a header, tabs or commas between cells.

    In a TSV file a quote is a letter, unless it encloses a cell. `wanted` gets the header and the
    path, and says which columns to read.

    Raises:
        MetadataError: it cannot be read as such a table; the message gives the line.
    """
    data = read_bytes(path)
    refuse_pages(path, data)
    first = data.partition(b"\n")[0].decode(errors="replace").rstrip("\r")
    delimiter = "\t" if "\t" in first else ","
    try:
        header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
    except csv.Error as error:
        raise MetadataError(
            f"{path} is no table: its first line cannot be read ({error})"
        ) from None
    if "://" in first and "report" in first:
        raise MetadataError(
            f"{path} is a portal report (its first line is a date and an address), not a metadata "
            "table: on the portal choose Download, and take the address in the first line of "
            "files.txt"
        )
    columns = wanted(header, path)
    twice = [name for name in columns if header.count(name) > 1]
    if twice:
        raise MetadataError(f"{path} has the column '{twice[0]}' twice")
    if not data.partition(b"\n")[2].strip():
        raise MetadataError(f"{path} has a header and no rows: nothing was found, or it was cut")
    return Raw(header, _rows(path, data, delimiter, header, columns))


def _rows(
    path: Path, data: bytes, delimiter: str, header: list[str], columns: list[str]
) -> pd.DataFrame:
    quoting = [False, True] if delimiter == "\t" else [True]
    if b'"' not in data:
        quoting = [False]
    faults = []
    for quoted in quoting:
        try:
            table = _parse(data, delimiter, header, columns, quoted)
        except ValueError as error:
            faults.append(str(error))
            continue
        return table if quoted else _unquoted(table)
    ragged = _ragged(data, delimiter, len(header), quoting[0])
    raise MetadataError(f"{path} {ragged or f'cannot be read as a table: {faults[0]}'}")


def _parse(
    data: bytes, delimiter: str, header: list[str], columns: list[str], quoted: bool
) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.csv as pacsv

    names = [str(i) for i in range(len(header))]  # a header's own may come twice
    used = [str(header.index(name)) for name in columns]
    table = pacsv.read_csv(
        pa.BufferReader(data),
        pacsv.ReadOptions(column_names=names, skip_rows=1),
        pacsv.ParseOptions(
            delimiter=delimiter, quote_char='"' if quoted else False, newlines_in_values=quoted
        ),
        pacsv.ConvertOptions(include_columns=used, column_types=dict.fromkeys(used, pa.string())),
    )
    frame: pd.DataFrame = table.rename_columns(columns).to_pandas()
    return frame.astype("str")


def _unquoted(table: pd.DataFrame) -> pd.DataFrame:
    for name in table.columns:
        quoted = table[name].str.startswith('"') & table[name].str.endswith('"')
        if quoted.any():
            inner = table[name].str.slice(1, -1).str.replace('""', '"', regex=False)
            table[name] = inner.where(quoted, table[name])
    return table


def _ragged(data: bytes, delimiter: str, width: int, quoted: bool) -> str:
    """What is wrong with the first line of another width, or nothing."""
    for number, found in _widths(data, delimiter, quoted):
        if found != width:
            return (
                f"line {number}: {found} cells where the header has {width}; "
                "the file was cut or changed: fetch it again"
            )
    return ""


def _widths(data: bytes, delimiter: str, quoted: bool) -> Iterator[tuple[int, int]]:
    lines = data.decode(errors="replace").splitlines(keepends=True)
    if not quoted:
        yield from (
            (i, line.count(delimiter) + 1) for i, line in enumerate(lines, 1) if line.strip("\r\n")
        )
        return
    reader = csv.reader(lines, delimiter=delimiter)
    yield from ((reader.line_num, len(cells)) for cells in reader if cells)
