"""What changed between two selections: after a newer table, or another policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nucleotides.encode.remote import Remote
from nucleotides.encode.remotes import list_remotes
from nucleotides.encode.select import Selection
from nucleotides.encode.words import as_bytes, cut

_SHOWN = 10  # tasks of a kind
_NAMED = 3  # files of a task


FilesByTask = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Change:
    """Files of a task that came, went, or have other bytes than before."""

    task: str
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    other_bytes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diff:
    """Tasks added, dropped and changed, with their files; and what is to be fetched."""

    added: tuple[Change, ...]
    dropped: tuple[Change, ...]
    changed: tuple[Change, ...]
    unchanged: int
    fetch: tuple[Remote, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both selections have the same tasks of the same files."""
        return not (self.added or self.dropped or self.changed)

    def as_json(self) -> dict[str, Any]:
        """The difference as plain JSON-able data."""
        return {
            "added": {change.task: list(change.came) for change in self.added},
            "dropped": {change.task: list(change.went) for change in self.dropped},
            "changed": {
                c.task: {"in": list(c.came), "out": list(c.went), "md5": list(c.other_bytes)}
                for c in self.changed
            },
            "unchanged": self.unchanged,
            "fetch": [remote.name for remote in self.fetch],
            "bytes_to_fetch": sum(remote.size or 0 for remote in self.fetch),
        }

    def as_text(self) -> str:
        """The difference for a terminal of 80 columns; of each kind the first few tasks."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        kinds = {"added": self.added, "dropped": self.dropped, "changed": self.changed}
        for kind, changes in kinds.items():
            yield f"tasks {kind}: {len(changes):,}"
            yield from (f"  {cut(_shown(change), 78)}" for change in changes[:_SHOWN])
            if len(changes) > _SHOWN:
                yield f"  and {len(changes) - _SHOWN:,} more"
        yield f"tasks unchanged: {self.unchanged:,}"
        size = as_bytes(sum(remote.size or 0 for remote in self.fetch))
        yield f"files to fetch: {len(self.fetch):,}, {size}"


def diff(
    before: Selection | FilesByTask,
    after: Selection,
    is_here: Callable[[Remote], bool] | None = None,
) -> Diff:
    """What changed from one selection to another, task by task.

    Args:
        before: a selection, or what a store was made from: {task: {file: MD5}}.
        after: the selection that counts now.
        is_here: whether a file need not be fetched; by default those with the MD5 of before.
    """
    old = _files_by_task(before) if isinstance(before, Selection) else before
    new = _files_by_task(after)
    added = [Change(task, came=tuple(sorted(new[task]))) for task in sorted(new.keys() - old)]
    dropped = [Change(task, went=tuple(sorted(old[task]))) for task in sorted(old.keys() - new)]
    both = [_change(task, old[task], new[task]) for task in sorted(old.keys() & new)]
    changed = [c for c in both if c.came or c.went or c.other_bytes]
    known = {name: md5 for files in old.values() for name, md5 in files.items()}
    now = {name: md5 for files in new.values() for name, md5 in files.items()}
    if is_here is None:
        wanted = {name for name, md5 in now.items() if known.get(name) != md5}
        fetch = list_remotes(after.files[after.files["accession"].isin(wanted)])
    else:
        fetch = [remote for remote in list_remotes(after.files) if not is_here(remote)]
    return Diff(
        added=tuple(added),
        dropped=tuple(dropped),
        changed=tuple(changed),
        unchanged=len(both) - len(changed),
        fetch=tuple(sorted(fetch, key=lambda remote: remote.name)),
    )


def _files_by_task(selection: Selection) -> FilesByTask:
    out: FilesByTask = {}
    columns = ("task", "accession", "md5")
    for task, name, md5 in zip(*(selection.files[column] for column in columns), strict=True):
        out.setdefault(task, {})[name] = md5
    return out


def _change(task: str, old: dict[str, str], new: dict[str, str]) -> Change:
    other = sorted(name for name in old.keys() & new if old[name] != new[name])
    return Change(
        task, tuple(sorted(new.keys() - old)), tuple(sorted(old.keys() - new)), tuple(other)
    )


def _shown(change: Change) -> str:
    names = [f"+{n}" for n in change.came] + [f"-{n}" for n in change.went]
    names += [f"{n} (MD5)" for n in change.other_bytes]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{change.task}: {' '.join(names[:_NAMED])}{more}"
