"""Peak files of the user's own: which there are, and what is known of each."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd

from nucleotides.errors import InputError, nearest
from nucleotides.targets.peaks import SUFFIXES, is_peak_file

TABLE = "tasks.tsv"
_KNOWN = ("assay", "target", "biosample")
_COLUMNS = ("file", "task", "path", *_KNOWN)


def list_peak_files(folder: str | Path) -> pd.DataFrame:
    """The peak files of a folder, a row each, sorted by name.

    A table `tasks.tsv` beside them may give, for a `file`, its `assay`, `biosample` and `target`,
    and any further columns. A column `task` gives the task's name; files of one name are merged.
    Otherwise a task is named after its file. An empty or missing folder gives no rows.

    Returns:
        A table with the columns task, file, path, assay, target, biosample, and the table's own.

    Raises:
        InputError: the table cannot be read, has no column `file`, a column that is nearly one
            of the above, or names a file twice or one that is not there.
    """
    folder = Path(folder)
    if folder.is_file():
        raise InputError(f"{folder} is a file: give the folder that it lies in")
    paths = sorted(p for p in folder.glob("*") if p.is_file() and is_peak_file(p))
    names = {"file": [p.name for p in paths], "path": [str(p) for p in paths]}
    files = pd.DataFrame(names, dtype=str)
    known = _read_table(folder / TABLE, set(files["file"]))
    files = files.merge(known, on="file", how="left").fillna("")
    for column in _KNOWN:
        if column not in files:
            files[column] = ""
    named = files.pop("task") if "task" in files else pd.Series("", index=files.index, dtype=str)
    own = unique([task_name(name) for name in files["file"]])
    files.insert(0, "task", [given or name for given, name in zip(named, own, strict=True)])
    first = ["task", "file", "path", *_KNOWN]
    return files[first + [column for column in files if column not in first]]


def task_name(file: str) -> str:
    """A file's name without its suffixes; blanks to `_`, and only letters, digits, `_.-` kept."""
    stem = file.removesuffix(".gz")
    for suffix in SUFFIXES:
        stem = stem.removesuffix(suffix)
    return clean(stem)


def clean(name: str) -> str:
    """Blanks to `_`; anything but letters, digits, `_`, `.`, `-` removed."""
    return re.sub(r"[^A-Za-z0-9_.-]", "", re.sub(r"\s+", "_", name.strip())) or "task"


def unique(names: list[str]) -> list[str]:
    """The same names, later ones of a kind with _2, _3... appended."""
    taken, out = set(names), []
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        new, n = name, seen[name]
        while n > 1 and (new := f"{name}_{n}") in taken:
            n += 1
        taken.add(new)
        out.append(new)
    return out


def _read_table(path: Path, present: set[str]) -> pd.DataFrame:
    if not path.exists():
        return pd.DataFrame({"file": []}, dtype=str)
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except ValueError as error:
        raise InputError(f"{path} cannot be read as a table: {str(error).strip()}") from error
    if "file" not in table:
        raise InputError(f"{path} needs a column `file`; it has {', '.join(table.columns)}")
    for column in set(table) - {*_COLUMNS}:
        if meant := nearest(str(column), _COLUMNS):
            raise InputError(f"{path}: no column `{column}` is known; did you mean {meant}?")
    table = table.drop(columns=[c for c in ("path",) if c in table])
    twice = table["file"][table["file"].duplicated()].tolist()
    absent = sorted(set(table["file"]) - present)
    if twice or absent:
        fault = f"names {twice[0]} twice" if twice else f"names {absent[0]}, which is not there"
        raise InputError(f"{path} {fault}")
    return table
