"""What a target store is made from: tasks and files, as plain data that a lock file keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import pandas as pd

from nucleotides.encode.remote import Remote
from nucleotides.encode.remotes import read_size
from nucleotides.errors import InputError
from nucleotides.targets.merge import Support
from nucleotides.targets.task import PeakFile, TaskSource


@dataclass(frozen=True, slots=True)
class File:
    """A peak file: one of the portal's (known by its MD5), or one's own (by its SHA-256).

    Attributes:
        name: the file's name in its folder.
        task: the task that its peaks belong to.
        facts: what else is known: accession, experiment, assay, output_type...
        md5, size, url, s3_uri, azure_url: of a file of the portal, as its table has them.
        sha256: of a file of one's own.
    """

    name: str
    task: str
    facts: dict[str, str] = field(default_factory=dict)
    md5: str = ""
    size: int | None = None
    url: str = ""
    s3_uri: str = ""
    azure_url: str = ""
    sha256: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is not the portal's."""
        return bool(self.sha256)

    @property
    def digest(self) -> str:
        """What a change of it is seen by."""
        return f"sha256:{self.sha256}" if self.is_own else f"md5:{self.md5}"


@dataclass(frozen=True, slots=True)
class Task:
    """A task: how its files are combined, and what is known of it."""

    name: str
    facts: dict[str, str]
    slop: int = 0
    support: Support = "union"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Tasks in store order, their files, and the signals that go with them."""

    tasks: tuple[Task, ...]
    files: tuple[File, ...]
    signals: tuple[dict[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data; a value that says nothing is left out."""
        return {
            "tasks": [asdict(task) for task in self.tasks],
            "files": [{k: v for k, v in asdict(file).items() if v} for file in self.files],
            "signals": list(self.signals),
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """What `as_json` gave.

        Raises:
            KeyError, TypeError: it is not.
        """
        return cls(
            tuple(Task(**task) for task in content["tasks"]),
            tuple(File(**file) for file in content["files"]),
            tuple(content["signals"]),
        )

    def without(self, names: Sequence[str]) -> Recipe:
        """The same without some files, and without tasks that have none left.

        Raises:
            InputError: nothing is left.
        """
        files = tuple(file for file in self.files if file.name not in names)
        left = {file.task for file in files}
        tasks = tuple(task for task in self.tasks if task.name in left)
        if not tasks:
            raise InputError("without the missing files there is no task left to store")
        return Recipe(tasks, files, self.signals)

    def sources(self, downloads: Path, own: Path) -> list[TaskSource]:
        """What the store is built from, given the folders that files lie in."""
        by_task: dict[str, list[PeakFile]] = {task.name: [] for task in self.tasks}
        for file in self.files:
            path = (own if file.is_own else downloads) / file.name
            by_task[file.task].append(PeakFile(path, file.digest))
        return [
            TaskSource(task.name, tuple(by_task[task.name]), task.slop, task.support)
            for task in self.tasks
        ]

    def task_table(self) -> pd.DataFrame:
        """A row a task: its name and what is known of it."""
        rows = [{"task": task.name, **task.facts} for task in self.tasks]
        return pd.DataFrame(rows, dtype=str).fillna("")

    def file_table(self, peaks: Mapping[str, Sequence[int]]) -> pd.DataFrame:
        """A row a file, as SELECTED_EXPERIMENTS has them.

        Args:
            peaks: by task, the number of peaks in each of its files.
        """
        left = {task: iter(numbers) for task, numbers in peaks.items()}
        rows = []
        for file in self.files:
            row = {"task": file.task, "file": file.name, **file.facts}
            row |= {"peaks": str(next(left[file.task])), "size": str(file.size or "")}
            rows.append(row | {"md5": file.md5, "sha256": file.sha256, "url": file.url})
        table = pd.DataFrame(rows, dtype=str).fillna("")
        last = ["peaks", "size", "md5", "sha256", "url"]
        return table[[column for column in table if column not in last] + last]


def remote_of(file: File, urls: tuple[str, ...]) -> Remote:
    """A file of the portal as something to fetch."""
    return Remote(file.name, urls, file.size, file.md5 or None)


__all__ = ["File", "Recipe", "Task", "read_size", "remote_of"]
