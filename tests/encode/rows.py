"""Rows of metadata tables for tests: one that every rule keeps, and changes to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from nucleotides.encode.policy import Policy, load_policy
from nucleotides.encode.select import Selection, select
from nucleotides.encode.tables import COLUMNS, Metadata, Source

DATA = Path(__file__).parent / "data"
GOOD = dict.fromkeys(COLUMNS, "") | {
    "accession": "ENCFF000AAA",
    "file_type": "bed",
    "format_type": "narrowPeak",
    "output_type": "peaks",
    "assembly": "GRCh38",
    "experiment": "ENCSR000AAA",
    "assay": "TF ChIP-seq",
    "biosample": "K562",
    "target": "CTCF-human",
    "project": "ENCODE",
    "biological_replicates": "1, 2",
    "size": "100",
    "md5": "0" * 32,
    "url": "https://www.encodeproject.org/files/ENCFF000AAA/@@download/ENCFF000AAA.bed.gz",
    "status": "released",
    "analysis_status": "released",
    "source": "table",
}


def accession(number: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return f"ENCFF{number // 26:03d}AA{letters[number % 26]}"


def row(name: str | int = 0, **changes: str) -> dict[str, str]:
    """A file that every rule keeps, but for the changes."""
    name = accession(name) if isinstance(name, int) else name
    url = f"https://www.encodeproject.org/files/{name}/@@download/{name}.bed.gz"
    return GOOD | {"accession": name, "url": url} | changes


def metadata(*rows: dict[str, str], lacks: tuple[str, ...] = ()) -> Metadata:
    files = pd.DataFrame(list(rows), columns=list(COLUMNS), dtype="str")
    return Metadata(files, (Source("table", len(rows), lacks),))


def choose(*rows: dict[str, str], policy: Policy | None = None, **options: Any) -> Selection:
    return select(metadata(*rows), policy or load_policy(), **options)


def fates(selection: Selection) -> dict[str, str]:
    """By accession, the rule that dropped a file, or ''."""
    files = selection.decisions
    return dict(zip(files["accession"], files["rule"], strict=True))


def policy(folder: Path, text: str) -> Policy:
    """The default policy with changes."""
    path = folder / "policy.yaml"
    path.write_text(text)
    return load_policy(path)
