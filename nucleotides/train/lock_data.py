"""What a run was trained on, so exactly that a change of it is seen later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nucleotides.data.datamodule import DataModule
from nucleotides.errors import CorruptStoreError
from nucleotides.files import sha256
from nucleotides.read_json import read_json

LOCK, DATA = "lock.json", "data.json"
_FILES = ("intervals", "blacklist", "split_file")


def lock_data(data: DataModule, chosen: dict[str, Any]) -> dict[str, Any]:
    """The stores' manifests (with the checksums of their files), the split, and other files read.

    Args:
        data: the opened data.
        chosen: the arguments that it was opened by.
    """
    named = {name: Path(str(chosen[name])) for name in _FILES if chosen.get(name)}
    return {
        "genome": _store(data.genome.path),
        "targets": _store(data.targets.path),
        "split": data.split.describe(),
        "files": {
            name: {"path": str(path.absolute()), "sha256": sha256(path)}
            for name, path in named.items()
            if path.is_file()
        },
    }


def find_lock(targets: Path) -> Path | None:
    """The lock file that pre-processing left beside a target store, if it is of that store."""
    path = targets.parent / LOCK
    try:
        store = read_json(path)["store"]
    except (OSError, CorruptStoreError, KeyError):
        return None
    return path if store == _manifest(targets)["sha256"] else None


def read_lock(run: Path) -> dict[str, Any] | None:
    """What a run was trained on, fit to be given away: `data` (stores, split, their checksums) and
    `pre_processing` (the lock that pre-processing left); None where the run's folder has neither.
    """
    found = {"data": run / DATA, "pre_processing": run / LOCK}
    read = {name: without_places(read_json(path)) for name, path in found.items() if path.is_file()}
    return read or None


def without_places(value: Any) -> Any:
    """A value of JSON in which absolute paths of this machine have become names."""
    if isinstance(value, dict):
        return {key: without_places(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_places(inner) for inner in value]
    is_path = isinstance(value, str) and value.startswith("/") and "\n" not in value
    return Path(value).name if is_path else value


def _store(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    return {
        "path": str(folder.absolute()),
        "manifest_sha256": sha256(path),
        "manifest": _manifest(folder),
    }


def _manifest(folder: Path) -> dict[str, Any]:
    return read_json(folder / "manifest.json")
