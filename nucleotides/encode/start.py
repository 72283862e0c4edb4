"""Other starting points: a table of one's own, a portal cart's files.txt, a list of accessions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nucleotides.encode.parse import read_bytes, refuse_pages
from nucleotides.errors import MetadataError

_ACCESSION = r"(ENC(?:FF|SR)[0-9]{3}[A-Z]{3})"
_ALONE = re.compile(_ACCESSION)
_FILE_ADDRESS = re.compile(r"\w+://.*?(ENCFF[0-9]{3}[A-Z]{3})")
_METADATA_ADDRESS = re.compile(r"https?://[^\s\"]+/metadata/[^\s\"]*")


@dataclass(frozen=True, slots=True)
class Start:
    """Where a selection begins.

    Attributes:
        path: the file that was read.
        kind: `table` (read it with `read_table`), `cart` or `list`.
        accessions: files (ENCFF) and experiments (ENCSR) named, in their order; none of a table.
        metadata_url: address of the metadata table of a cart's files, if the file gives it.
    """

    path: Path
    kind: Literal["table", "cart", "list"]
    accessions: tuple[str, ...] = ()
    metadata_url: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """Files that were named."""
        return tuple(name for name in self.accessions if name.startswith("ENCFF"))

    @property
    def experiments(self) -> tuple[str, ...]:
        """Experiments that were named."""
        return tuple(name for name in self.accessions if name.startswith("ENCSR"))


def read_start(path: str | Path) -> Start:
    """Read a starting point; its content says which kind it is. It may be gzipped.

    A cart's files.txt holds addresses of files, a line each; its first line may be the address
    of their metadata table. A list holds accessions, a line each; `#` begins a comment.

    Raises:
        MetadataError: it is none of these; the message gives the line.
    """
    path = Path(path)
    data = read_bytes(path)
    refuse_pages(path, data)
    lines = data.decode(errors="replace").splitlines()
    lines = [line.strip().strip('"').strip() for line in lines]
    if _is_table(data):
        return Start(path, "table")
    is_cart = any("://" in line for line in lines)
    lines = lines if is_cart else [line.partition("#")[0].strip() for line in lines]
    url: str | None = None
    names: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        if is_cart and not names and _METADATA_ADDRESS.fullmatch(line):
            url = line
            continue
        names.append(_name(line, is_cart, f"{path} line {number}"))
    if not names:
        raise MetadataError(f"{path} names no file: put accessions in it, one a line")
    return Start(path, "cart" if is_cart else "list", tuple(dict.fromkeys(names)), url)


def _is_table(data: bytes) -> bool:
    """Whether the first line has several cells; that of a cart or a list has not."""
    first = data.lstrip().partition(b"\n")[0].decode(errors="replace")
    return "\t" in first or ("," in first and "://" not in first and not first.startswith("#"))


def _name(line: str, is_cart: bool, where: str) -> str:
    found = (_FILE_ADDRESS.match(line) if is_cart else None) or _ALONE.fullmatch(line.upper())
    if found is None:
        wanted = "the address of an ENCODE file, such as https://www.encodeproject.org/files/"
        wanted += "ENCFF199YFA/@@download/ENCFF199YFA.bed.gz"
        wanted = wanted if is_cart else "one accession, such as ENCFF199YFA or ENCSR000BNI"
        raise MetadataError(f"{where}: '{line[:80]}' is not {wanted}")
    return found.group(1)
