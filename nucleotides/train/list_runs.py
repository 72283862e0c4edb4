"""Which runs there are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from nucleotides.errors import InputError, UnknownNameError

CONFIG = "config.yaml"
_WEIGHTS = {".ckpt", ".safetensors", ".pt", ".pth"}


def find_runs(logs: Path) -> list[Path]:
    """Folders of runs anywhere below `logs`, in natural order of their names.

    A run is a folder with a config.yaml that `nucleotides train` wrote. Links are not followed.
    """
    found = {path.parent for path in logs.rglob(CONFIG) if not path.is_symlink()}
    return sorted((folder for folder in found if read_config(folder)), key=natural_order)


def name_runs(names: Sequence[str], logs: Path) -> list[Path]:
    """Folders of the runs that are named, by their name below `logs` or by their path; else all.

    Raises:
        UnknownNameError: there is no such run; the message names the nearest.
        InputError: there is no run at all.
    """
    known = {run.relative_to(logs).as_posix(): run for run in find_runs(logs)}
    if not names and not known:
        raise InputError(f"no run in {logs}: run `nucleotides train` first, or give --logs")
    runs = []
    for name in names:
        run = known.get(name.rstrip("/"), Path(name))
        if not read_config(run):
            raise UnknownNameError("run", name, known, f"(in {logs})")
        runs.append(run)
    return runs or list(known.values())


def read_config(folder: Path) -> dict[str, Any]:
    """What a run was configured with; empty where the folder is not that of a run."""
    try:
        content = yaml.safe_load((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    ours = isinstance(content, dict) and {"model_class", "loss_type", "seed"} <= set(content)
    return content if ours else {}


def has_weights(folder: Path) -> bool:
    """Whether there is a checkpoint, or weights in another form, anywhere in the folder."""
    return any(path.suffix in _WEIGHTS for path in folder.rglob("*"))


def natural_order(path: Path) -> list[tuple[str, int]]:
    """Sorts version_9 before version_10."""
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", str(path))]
