"""The rate of the last download, for the plan of the next."""

from __future__ import annotations

import json
from pathlib import Path

from nucleotides.files import write_json

_NAME, _LEAST = "rate.json", 100_000  # bytes under which a rate says nothing


def write_rate(folder: Path, n_bytes: int, seconds: float) -> None:
    """Keep the rate of a download beside its files."""
    if n_bytes >= _LEAST and seconds:
        write_json(folder / _NAME, {"bytes_per_second": round(n_bytes / seconds)})


def read_rate(*folders: Path) -> float | None:
    """Bytes a second, from the first folder that has a rate, or None if none was measured."""
    for folder in folders:
        try:
            return float(json.loads((folder / _NAME).read_text())["bytes_per_second"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None
