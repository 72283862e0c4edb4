"""This package for scripts that measure peers: functions they can call."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nucleotides.targets.build import build_store
from nucleotides.targets.export import write_target_bed
from nucleotides.targets.task import PeakFile, TaskSource

CONTIGS = {f"chr{i}": 300_000_000 for i in range(1, 9)}


def prep_store(files: list[str], names: list[str], out: str) -> None:
    """Peak files to a target store, one thread."""
    _build(files, names, out)


def prep_store_and_bed(files: list[str], names: list[str], out: str) -> None:
    """The same, and the sorted, labelled, indexed bed."""
    write_target_bed(_build(files, names, out), Path(out + ".ours.gz"))


def _build(files: list[str], names: list[str], out: str):  # type: ignore[no-untyped-def]
    sources = [
        TaskSource(name, (PeakFile(Path(file), file),))
        for file, name in zip(files, names, strict=True)
    ]
    with tempfile.TemporaryDirectory(dir=Path(out).parent) as folder:
        return build_store(sources, CONTIGS, Path(folder) / "store").store
