"""A recipe from what was selected of the portal and from peak files of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nucleotides.encode.policy import Policy
from nucleotides.encode.remotes import list_remotes
from nucleotides.encode.select import Selection
from nucleotides.files import sha256
from nucleotides.preprocess.recipe import File, Recipe, Task
from nucleotides.targets.local import list_peak_files, unique
from nucleotides.targets.merge import Support

_FACTS = (
    *("accession", "experiment", "assay", "biosample", "biosample_type", "target", "factor"),
    *("project", "lab", "output_type", "format_type", "biological_replicates", "released"),
    "analysis_title",
)
_OWN_COLUMNS = ("task", "file", "path")


def write_recipe(selection: Selection | None, own: Path) -> Recipe:
    """The portal's tasks by name, then those of one's own peak files by file name.

    Raises:
        InputError: the table beside one's own files cannot be used (see `list_peak_files`).
    """
    ours = list_peak_files(own)
    theirs = _portal_files(selection) if selection else []
    tasks = _portal_tasks(selection.files, selection.policy) if selection else []
    taken = [task.name for task in tasks]
    names = list(dict.fromkeys(ours["task"]))
    new_names = dict(zip(names, unique([*taken, *names])[len(taken) :], strict=True))
    ours["task"] = ours["task"].map(new_names)
    return Recipe(
        (*tasks, *_own_tasks(ours)),
        (*theirs, *_own_files(ours)),
        tuple(_signals(selection)) if selection else (),
    )


def _portal_files(selection: Selection) -> list[File]:
    rows = selection.files
    facts = rows[list(_FACTS)].to_dict("records")
    columns = ("task", "url", "s3_uri", "azure_url")
    places = zip(*(rows[column] for column in columns), strict=True)
    return [
        File(
            remote.name,
            task,
            {str(key): str(value) for key, value in known.items() if value},
            remote.md5 or "",
            remote.size,
            url,
            s3_uri,
            azure_url,
        )
        for remote, known, (task, url, s3_uri, azure_url) in zip(
            list_remotes(rows), facts, places, strict=True
        )
    ]


def _portal_tasks(files: pd.DataFrame, policy: Policy) -> list[Task]:
    support: Support = policy.merge
    tasks = []
    for name, rows in files.groupby("task", sort=True):
        factor = rows["factor"].iloc[0]
        facts = {
            "assay": _joined(rows["assay"], " + "),
            "target": factor if (rows["target"] != "").any() else "",
            "biosample": rows["biosample"].iloc[0],
            "biosample_type": _joined(rows["biosample_type"], ", "),
            "accession": _joined(rows["accession"], ", "),
            "experiment": _joined(rows["experiment"], ", "),
        }
        tasks.append(Task(str(name), facts, policy.slop_of(factor), support))
    return tasks


def _joined(values: pd.Series, separator: str) -> str:
    return separator.join(sorted(set(values)))


def _signals(selection: Selection) -> Iterator[dict[str, str]]:
    for row in selection.signals.to_dict("records"):
        yield {str(key): str(value) for key, value in row.items()}


def _own_files(files: pd.DataFrame) -> list[File]:
    out = []
    for row in files.to_dict("records"):
        facts = {str(k): str(v) for k, v in row.items() if k not in _OWN_COLUMNS and v}
        digest = sha256(Path(row["path"]))
        out.append(File(row["file"], row["task"], facts, sha256=digest))
    return out


def _own_tasks(files: pd.DataFrame) -> list[Task]:
    """What is known of a task is what is known of its first file."""
    first = files.drop_duplicates("task")
    return [
        Task(row["task"], {str(k): str(v) for k, v in row.items() if k not in _OWN_COLUMNS})
        for row in first.to_dict("records")
    ]
