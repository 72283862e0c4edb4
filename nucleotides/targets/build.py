"""Many peak files into a target store: several threads, bounded memory, only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nucleotides.errors import InputError, StoreError
from nucleotides.progress import track
from nucleotides.targets.merge import Skipped
from nucleotides.targets.store import (
    DEFAULT_BIN,
    DEFAULT_THRESHOLD,
    TargetStore,
    UnknownContigs,
    checked,
    make_rule,
)
from nucleotides.targets.task import PackedTask, Rule, TaskSource, packed_task, read_task
from nucleotides.targets.write_store import write_store


@dataclass(frozen=True)
class Built:
    """A store, and how many of its tasks were taken over from the one before."""

    store: TargetStore
    reused: int


def build_store(
    sources: Sequence[TaskSource],
    contigs: Mapping[str, int],
    out: Path,
    *,
    table: pd.DataFrame | None = None,
    bin: int = DEFAULT_BIN,
    threshold: float = DEFAULT_THRESHOLD,
    unknown_contigs: UnknownContigs = "skip",
    n_workers: int = 1,
) -> Built:
    """Read and merge the files of every task and write the store, replacing the one at `out`.

    Tasks of a store that is there already, made from the same files in the same way on the same
    genome, are taken over without reading a file. The store is the same, byte for byte, with or
    without an earlier one and for any number of workers.

    Raises:
        InputError, PeakFileError, OutOfSpaceError: as `TargetStore.build` and `read_task` do.
    """
    rule = make_rule(contigs, bin, threshold)
    if not sources:
        raise InputError("there is no task to store: add peak files first")
    earlier = _earlier(out, rule)
    known = {source.task for source in sources if earlier.holds(source)}
    tasks = track(_packed(sources, rule, earlier, n_workers), "tasks merged", len(sources))
    write_store(out, checked(tasks, unknown_contigs), rule, table)
    return Built(TargetStore.open(out), len(known))


def _packed(
    sources: Iterable[TaskSource], rule: Rule, earlier: _Earlier, n_workers: int
) -> Iterator[PackedTask]:
    def pack(source: TaskSource) -> PackedTask:
        return earlier.take(source, rule) or read_task(source, rule)

    if n_workers == 1:
        yield from map(pack, sources)
        return
    pool = ThreadPoolExecutor(n_workers)
    try:
        yield from pool.map(pack, sources)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Earlier:
    """The store of an earlier run, if it was made for the same genome."""

    def __init__(self, store: TargetStore | None) -> None:
        self._store = store
        inputs = store.inputs() if store else []
        self._inputs: dict[str, dict[str, Any]] = {one["task"]: one for one in inputs}

    def holds(self, source: TaskSource) -> bool:
        """Whether it has this very task."""
        known = self._inputs.get(source.task)
        return known is not None and known["digest"] == source.digest()

    def take(self, source: TaskSource, rule: Rule) -> PackedTask | None:
        """The task, if it is the same."""
        if not self._store or not self.holds(source):
            return None
        known = self._inputs[source.task]
        merged = self._store.peak_cells(source.task)
        return packed_task(source, merged, known["peaks_read"], Skipped(**known["skipped"]), rule)


def _earlier(out: Path, rule: Rule) -> _Earlier:
    with suppress(StoreError):
        store = TargetStore.open(out)
        same = list(store.contigs.items()) == list(rule.layout.contigs.items())
        if same and store.layout.margin == rule.layout.margin:
            return _Earlier(store)
    return _Earlier(None)
