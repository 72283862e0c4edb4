"""What pre-processing made: is it there, and does one file agree with the next?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nucleotides.doctor.check import Check, State
from nucleotides.errors import CorruptStoreError
from nucleotides.read_json import read_json
from nucleotides.settings import Settings

PRE_PROCESS = "nucleotides pre-process"
TRAIN = "nucleotides train"
RUNS_SHOWN = 3
SIGNS_OF_A_RUN = ("hparams.yaml", "config.yaml", "metrics.csv", "checkpoints")


def check_data(settings: Settings) -> list[Check]:
    """Reference, stores, intervals, tasks and weights; paths are shown below TOP_DIR."""
    top = settings.TOP_DIR
    checks = [replace(check, found=check.found.replace(f"{top}/", "")) for check in _data(settings)]
    return [Check("data", "TOP_DIR", State.OK, str(top)), *checks]


def _data(settings: Settings) -> list[Check]:
    advice = "nucleotides pre-process fetches it; or set NUCLEOTIDES_GRCh38; the demo needs none"
    return [
        _present("reference", settings.REFERENCE, advice),
        _genome_store(settings.GENOME_STORE),
        _target_store(settings.TARGET_STORE),
        _present("intervals", settings.INTERVALS, PRE_PROCESS),
        _agrees("tasks", settings.DISTINCT_FEATURES, settings.TARGET_STORE),
        _agrees("positive weights", settings.POSITIVE_WEIGHTS, settings.TARGET_STORE),
    ]


def check_runs(settings: Settings) -> list[Check]:
    """The last training runs, newest first."""
    logs = settings.LIGHTNING_LOGS
    runs = {found.parent for sign in SIGNS_OF_A_RUN for found in logs.rglob(sign)}
    if not runs:
        return [Check("runs", "last", State.ABSENT, f"none in {logs.name}", TRAIN)]
    newest = sorted(runs, key=lambda run: run.stat().st_mtime, reverse=True)
    return [_run(run, str(run.relative_to(logs))) for run in newest[:RUNS_SHOWN]]


def _run(run: Path, name: str) -> Check:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.stat().st_mtime))
    count = sum(1 for _ in run.rglob("*.ckpt"))
    advice = "" if count else f"no checkpoint: {TRAIN} it again"
    state = State.OK if count else State.WARNING
    return Check("runs", name, state, f"{when}, {count} checkpoints", advice)


def _present(name: str, path: Path, advice: str) -> Check:
    if not path.exists():
        return Check("data", name, State.ABSENT, f"no {path}", advice)
    return Check("data", name, State.OK, f"{path}, {path.stat().st_size / 1e6:,.1f} MB")


def _genome_store(store: Path) -> Check:
    """Present, readable, and made from the FASTA as it is now."""
    if not store.exists():
        return Check("data", "genome store", State.ABSENT, f"no {store}", PRE_PROCESS)
    manifest = _manifest(store)
    if manifest is None:
        return _broken("genome store", f"{store} has no readable manifest.json")
    fasta = Path(str(manifest.get("fasta", "")))
    if fasta.is_file() and _changed(fasta, manifest):
        return _broken("genome store", f"{fasta} has changed since the store was made")
    count = len(manifest.get("contigs", ()))
    return Check("data", "genome store", State.OK, f"{store}, {count} contigs")


def _changed(fasta: Path, manifest: Mapping[str, Any]) -> bool:
    """By size and date; reading it for its checksum would take minutes."""
    now = fasta.stat()
    then = manifest.get("fasta_bytes"), manifest.get("fasta_mtime_ns")
    return (now.st_size, now.st_mtime_ns) != then


def _target_store(store: Path) -> Check:
    if not store.exists():
        return Check("data", "target store", State.ABSENT, f"no {store}", PRE_PROCESS)
    count = _tasks_in_store(store)
    if _manifest(store) is None or count is None:
        return _broken("target store", f"{store} has no readable manifest.json and tasks.tsv")
    return Check("data", "target store", State.OK, f"{store}, {count} tasks")


def _agrees(name: str, path: Path, store: Path) -> Check:
    """One line a task, header aside, as many as the target store has."""
    if not path.exists():
        return Check("data", name, State.ABSENT, f"no {path}", PRE_PROCESS)
    count = _rows(path.read_text(encoding="utf-8"))
    expected = _tasks_in_store(store)
    if expected is not None and count != expected:
        return _broken(name, f"{path} has {count}, the target store {expected}")
    return Check("data", name, State.OK, f"{path}, {count}")


def _broken(name: str, found: str) -> Check:
    return Check("data", name, State.ERROR, found, f"make it again: {PRE_PROCESS}")


def _tasks_in_store(store: Path) -> int | None:
    """Rows of tasks.tsv, or None if it cannot be read."""
    try:
        text = (store / "tasks.tsv").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return _rows(text)


def _rows(text: str) -> int:
    """Lines that are neither blank nor a header, which begins with the column `task`."""
    lines = [line for line in text.splitlines() if line.strip()]
    headed = bool(lines) and lines[0].split("\t")[0] == "task"
    return len(lines) - headed


def _manifest(store: Path) -> dict[str, Any] | None:
    try:
        return read_json(store / "manifest.json")
    except (OSError, CorruptStoreError):
        return None
