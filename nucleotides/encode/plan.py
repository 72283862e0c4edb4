"""What a selection comes to: files, tasks, bytes, time; before anything is fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nucleotides.encode.remote import Remote
from nucleotides.encode.remotes import list_remotes
from nucleotides.encode.select import Selection
from nucleotides.encode.words import as_bytes, as_time, cut, table_of

_SHOWN = 10  # biosamples


@dataclass(frozen=True)
class Plan:
    """What is there, what is to be fetched, and how long that takes.

    Attributes:
        files: number of kept files.
        experiments: number of their experiments.
        signals: number of bigWig files chosen beside the peaks.
        counts: rule, files dropped by it, files kept after it, in the rules' order.
        tasks_by_assay: number of tasks; one of several assays counts under "A + B".
        biosamples: tasks of each biosample, the most frequent first.
        bytes_total: of all kept files whose size is known.
        bytes_present: of those that are already here.
        unknown_sizes: number of files whose size no table gives.
        fetch: files to fetch, by name.
        rate: bytes a second, or None if nobody has measured it.
        notes: what the user should know: pooled targets, rules not applied, names not found.
    """

    files: int
    experiments: int
    signals: int
    counts: tuple[tuple[str, int, int], ...]
    tasks_by_assay: dict[str, int]
    biosamples: dict[str, int]
    bytes_total: int
    bytes_present: int
    unknown_sizes: int
    fetch: tuple[Remote, ...]
    rate: float | None
    notes: tuple[str, ...]

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return sum(self.tasks_by_assay.values())

    @property
    def bytes_to_fetch(self) -> int:
        """Bytes of the files to fetch whose size is known."""
        return self.bytes_total - self.bytes_present

    @property
    def seconds(self) -> float | None:
        """How long fetching takes at the measured rate; None if there is none."""
        return self.bytes_to_fetch / self.rate if self.rate else None

    def as_json(self) -> dict[str, Any]:
        """The plan as plain JSON-able data."""
        top = list(self.biosamples.items())[:_SHOWN]
        return {
            "files": self.files,
            "experiments": self.experiments,
            "signals": self.signals,
            "rules": [
                dict(zip(("rule", "dropped", "kept"), row, strict=True)) for row in self.counts
            ],
            "tasks": self.tasks,
            "tasks_by_assay": self.tasks_by_assay,
            "biosamples": {"number": len(self.biosamples), "most_frequent": dict(top)},
            "bytes": {
                "total": self.bytes_total,
                "present": self.bytes_present,
                "to_fetch": self.bytes_to_fetch,
                "unknown_sizes": self.unknown_sizes,
            },
            "fetch": [remote.name for remote in self.fetch],
            "rate": self.rate,
            "seconds": self.seconds,
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """The plan for a terminal of 80 columns."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        rows = [(name, f"{dropped:,}", f"{kept:,}") for name, dropped, kept in self.counts]
        yield from table_of(("rule", "dropped", "kept after it"), rows)
        yield ""
        assays = [(assay, f"{number:,}") for assay, number in self.tasks_by_assay.items()]
        yield from table_of(("tasks by assay", f"{self.tasks:,}"), assays)
        yield ""
        top = [(name, f"{n:,}") for name, n in list(self.biosamples.items())[:_SHOWN]]
        if len(self.biosamples) > _SHOWN:
            top.append((f"and {len(self.biosamples) - _SHOWN:,} more biosamples", ""))
        yield from table_of((f"biosamples: {len(self.biosamples):,}", "tasks"), top)
        yield ""
        here = self.files - len(self.fetch)
        unknown = f" (and {self.unknown_sizes:,} of unknown size)" if self.unknown_sizes else ""
        facts = [
            ("in all", f"{self.files:,}", as_bytes(self.bytes_total) + unknown),
            ("already here", f"{here:,}", as_bytes(self.bytes_present)),
            ("to fetch", f"{len(self.fetch):,}", as_bytes(self.bytes_to_fetch)),
        ]
        yield from table_of(("", "files", "size"), facts)
        yield self._time()
        yield from (f"note: {cut(note, 74)}" for note in self.notes)

    def _time(self) -> str:
        if not self.fetch:
            return "nothing to fetch"
        if self.seconds is None or self.rate is None:
            return "time to fetch: unknown, no rate measured yet"
        return f"time to fetch: {as_time(self.seconds)} at {as_bytes(self.rate)}/s"


def make_plan(
    selection: Selection,
    present: Mapping[str, int] | Collection[str] = (),
    rate: float | None = None,
    *,
    with_signals: bool = False,
) -> Plan:
    """What fetching the files of a selection means.

    Args:
        selection: what `select` returned.
        present: names of the files already here; with their sizes, a file of another size than
            the table gives counts as not here.
        rate: bytes a second, as measured; None if unknown.
        with_signals: the chosen bigWig files are fetched too.
    """
    remotes = list_remotes(selection.files)
    signals = list_remotes(selection.signals) if with_signals else []
    remotes += signals
    fetch = sorted((r for r in remotes if not _is_here(r, present)), key=lambda r: r.name)
    total = sum(remote.size or 0 for remote in remotes)
    return Plan(
        files=len(remotes),
        experiments=selection.files["experiment"].nunique(),
        signals=len(selection.signals),
        counts=tuple(selection.counts.itertuples(index=False, name=None)),
        tasks_by_assay=_tasks_by_assay(selection),
        biosamples=_biosamples(selection),
        bytes_total=total,
        bytes_present=total - sum(remote.size or 0 for remote in fetch),
        unknown_sizes=sum(remote.size is None for remote in remotes),
        fetch=tuple(fetch),
        rate=rate,
        notes=tuple(_notes(selection)),
    )


def _is_here(remote: Remote, present: Mapping[str, int] | Collection[str]) -> bool:
    if remote.name not in present:
        return False
    if isinstance(present, Mapping) and remote.size is not None:
        return bool(present[remote.name] == remote.size)
    return True


def _tasks_by_assay(selection: Selection) -> dict[str, int]:
    assays = selection.files.groupby("task")["assay"].agg(lambda a: " + ".join(sorted(set(a))))
    counts = assays.value_counts().to_dict()
    return dict(sorted(((str(k), int(v)) for k, v in counts.items()), key=lambda p: (-p[1], p[0])))


def _biosamples(selection: Selection) -> dict[str, int]:
    tasks = selection.files.drop_duplicates("task")
    counts = tasks["biosample"].value_counts().to_dict()
    return dict(sorted(((str(k), int(v)) for k, v in counts.items()), key=lambda p: (-p[1], p[0])))


def _notes(selection: Selection) -> Iterator[str]:
    for rule, source in selection.not_applied:
        yield f"rule '{rule}' not applied, no such column: {source}"
    for task in selection.pooled:
        yield f"{task.task} pools {', '.join(task.targets)} (policy: factor)"
    if selection.absent:
        names = ", ".join(selection.absent)
        yield f"{len(selection.absent)} named but in no table: {names}"
    if selection.duplicates:
        yield f"{len(selection.duplicates)} accessions are in the tables more than once"
