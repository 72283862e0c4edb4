"""Metadata tables in the portal's newest form, for files that one has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

COLUMNS = (
    *("File accession", "File format", "File type", "File format type", "Output type"),
    *("File assembly", "Experiment accession", "Assay", "Donor(s)", "Biosample term id"),
    *("Biosample term name", "Biosample type", "Biosample organism", "Biosample treatments"),
    *("Biosample treatments amount", "Biosample treatments duration"),
    *("Biosample genetic modifications methods", "Biosample genetic modifications categories"),
    *("Biosample genetic modifications targets", "Biosample genetic modifications gene targets"),
    "Biosample genetic modifications site coordinates",
    "Biosample genetic modifications zygosity",
    *("Experiment target", "Library made from", "Library depleted in"),
    *("Library extraction method", "Library lysis method", "Library crosslinking method"),
    *("Library strand specific", "Experiment date released", "Project"),
    *("RBNS protein concentration", "Library fragmentation method", "Library size range"),
    *("Biological replicate(s)", "Technical replicate(s)", "Read length", "Mapped read length"),
    *("Run type", "Paired end", "Paired with", "Index of", "Derived from", "Size", "Lab"),
    *("md5sum", "dbxrefs", "File download URL", "Genome annotation", "Platform"),
    *("Controlled by", "File Status", "s3_uri", "Azure URL", "File analysis title"),
    *("File analysis status", "Audit WARNING", "Audit NOT_COMPLIANT", "Audit ERROR"),
)
"""Of a portal metadata table since 2021."""

Row = dict[str, str]
_PORTAL = "https://www.encodeproject.org"


def file_row(accession: str, path: Path | None, facts: Mapping[str, str]) -> Row:
    """A row of a released bed narrowPeak on GRCh38, unless `facts` say otherwise.

    Args:
        path: the file, whose size and MD5 the row has; None for a file that is not there.
        facts: more columns, by the portal's names.
    """
    suffix = facts.get("suffix", "bed.gz")
    content = path.read_bytes() if path else b""
    row = {
        "File accession": accession,
        "File format": "bed narrowPeak",
        "File type": "bed",
        "File format type": "narrowPeak",
        "File assembly": "GRCh38",
        "Biosample organism": "Homo sapiens",
        "Project": "ENCODE",
        "Size": str(len(content) or 1_000_000),
        "md5sum": hashlib.md5(content or accession.encode()).hexdigest(),
        "File download URL": f"{_PORTAL}/files/{accession}/@@download/{accession}.{suffix}",
        "File Status": "released",
        "File analysis status": "released",
        "s3_uri": f"s3://encode-public/{accession}.{suffix}",
    }
    return row | {name: value for name, value in facts.items() if name in COLUMNS}


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as the portal does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join(row.get(name, "") for name in COLUMNS) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
