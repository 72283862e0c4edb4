"""Portal metadata tables, of any vintage from 2019 on, as one table of files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nucleotides.encode.parse import Raw, parse_table
from nucleotides.errors import MetadataError, nearest

# Column here: names that the portal gave it, the newest first.
_NEEDED = {
    "accession": ("File accession",),
    "output_type": ("Output type",),
    "assembly": ("File assembly", "Assembly"),
    "experiment": ("Experiment accession",),
    "assay": ("Assay",),
    "biosample": ("Biosample term name",),
    "target": ("Experiment target",),
    "project": ("Project",),
    "crosslinking": ("Library crosslinking method",),
    "biological_replicates": ("Biological replicate(s)",),
    "md5": ("md5sum",),
    "url": ("File download URL",),
    "status": ("File Status", "File status"),
    "audit_not_compliant": ("Audit NOT_COMPLIANT",),
    "audit_error": ("Audit ERROR",),
}
_OPTIONAL = {
    "biosample_id": ("Biosample term id",),
    "biosample_type": ("Biosample type",),
    "organism": ("Biosample organism",),
    "lab": ("Lab",),
    "technical_replicates": ("Technical replicate(s)", "Technical replicate"),
    "size": ("Size",),
    "s3_uri": ("s3_uri",),
    "azure_url": ("Azure URL", "azure_url"),
    "analysis_status": ("File analysis status",),
    "analysis_title": ("File analysis title",),
    "released": ("Experiment date released",),
    "derived_from": ("Derived from",),
    "audit_warning": ("Audit WARNING",),
}
_JOINED = {
    "treatments": "Biosample treatments",
    "genetic_modification": "Biosample genetic modifications",
}
_FORMAT = ("File format", "File type", "File format type")
_SHOWN = 6  # missing columns in a message
COLUMNS = ("file_type", "format_type", *_NEEDED, *_OPTIONAL, *_JOINED, "source")


@dataclass(frozen=True, slots=True)
class Source:
    """A table that was read: where it is, how many rows it has, which columns it lacks."""

    name: str
    rows: int
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """Files of one or several tables.

    Attributes:
        files: a row each, strings, the columns COLUMNS; `source` is the name of its table. A file
            that several tables name is there several times; `select` keeps the first.
        sources: the tables.
    """

    files: pd.DataFrame
    sources: tuple[Source, ...]

    def lacking(self, column: str) -> list[str]:
        """Names of the tables without a column."""
        return [source.name for source in self.sources if column in source.lacks]


def read_tables(paths: Iterable[str | Path]) -> Metadata:
    """Read several tables as one, in the order given.

    Raises:
        MetadataError: as `read_table`; or no table was given.
    """
    return join_tables([read_table(path) for path in paths])


def join_tables(tables: Sequence[Metadata]) -> Metadata:
    """Several tables as one, in the order given.

    Raises:
        MetadataError: no table was given.
    """
    if not tables:
        raise MetadataError("no metadata table was given")
    files = pd.concat([table.files for table in tables], ignore_index=True)
    return Metadata(files, tuple(source for table in tables for source in table.sources))


def read_table(path: str | Path) -> Metadata:
    """Read a portal metadata table: TSV or CSV, plain or gzipped.

    Columns that some vintages lack are empty and named in the table's `Source`.

    Raises:
        MetadataError: the file is not there, is no such table (a web page, a report, a header
            only), lacks columns, or has a row of another width.
    """
    path = Path(path)
    return _normalise(parse_table(path, _wanted), str(path))


def _wanted(header: list[str], path: Path) -> list[str]:
    """Which columns of a file are used; an error if it has not all that are needed."""
    needed = {**_NEEDED, "": ("File format", "File type")}
    missing = [names for names in needed.values() if not set(names) & set(header)]
    missing += [(name,) for name in _JOINED.values() if not _starting(header, name)]
    if missing:
        shown = "; ".join(_lack(names, header) for names in missing[:_SHOWN])
        more = f"; and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise MetadataError(
            f"{path} lacks {len(missing)} of the columns of a portal metadata table: "
            f"{shown}{more}. "
            "Download it from the portal's metadata/ address; if it is a table of your own, "
            "add them, empty where nothing is known"
        )
    known = {name for names in {**_NEEDED, **_OPTIONAL}.values() for name in names} | set(_FORMAT)
    joined = [name for start in _JOINED.values() for name in _starting(header, start)]
    return [name for name in header if name in known or name in joined]


def _lack(names: tuple[str, ...], header: list[str]) -> str:
    near = nearest(names[0], header)
    return f"'{names[0]}'" + (f" (it has '{near}')" if near else "")


def _starting(header: list[str], start: str) -> list[str]:
    return [name for name in header if name.startswith(start)]


def _normalise(raw: Raw, source: str) -> Metadata:
    table, columns, lacks = raw.table, {}, []
    empty = pd.Series("", index=table.index, dtype="str")
    for column, names in {**_NEEDED, **_OPTIONAL}.items():
        name = next((name for name in names if name in table), None)
        columns[column] = empty if name is None else table[name]
        if name is None:
            lacks.append(column)
    for column, start in _JOINED.items():
        columns[column] = _join([table[name] for name in _starting(raw.header, start)])
    columns |= _formats(table)
    replicates = columns["biological_replicates"]
    columns["biological_replicates"] = replicates.map(
        {text: tidy_replicates(text) for text in replicates.unique()}
    )
    files = pd.DataFrame(columns)
    files["source"] = pd.Series(source, index=files.index, dtype="str")
    return Metadata(files[list(COLUMNS)], (Source(source, len(files), tuple(lacks)),))


def _formats(table: pd.DataFrame) -> dict[str, pd.Series]:
    """File type and format type; older tables have both in one: 'bed narrowPeak'."""
    both = table["File format"] if "File format" in table else table["File type"]
    parts = {text: [*text.split(" ", 1), ""] for text in both.unique()}
    kind = both.map({text: part[0] for text, part in parts.items()})
    more = both.map({text: part[1] for text, part in parts.items()})
    if "File type" in table:
        kind = table["File type"].where(table["File type"] != "", kind)
    if "File format type" in table:
        more = table["File format type"].where(table["File format type"] != "", more)
    return {"file_type": kind, "format_type": more}


def _join(columns: list[pd.Series]) -> pd.Series:
    """Cells that are not empty, joined by '; '."""
    out = columns[0]
    for column in columns[1:]:
        if (column != "").any():
            both = (out + "; " + column).where(out != "", column)
            out = out.where(column == "", both)
    return out


def tidy_replicates(text: str) -> str:
    """Numbers of replicates in one form: '2,1' and '2.0, 1.0' are '1, 2'."""
    parts = {part.removesuffix(".0") for part in re.split(r"[,;\s]+", text) if part}
    return ", ".join(sorted(parts, key=lambda part: (len(part), part)))
