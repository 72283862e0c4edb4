"""Write a target store from packed tasks, one after another."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides import __version__
from nucleotides.arrays import save_arrays
from nucleotides.files import replacing, sha256, write_json
from nucleotides.targets.index import PieceCount, fill, word_type
from nucleotides.targets.merge import Skipped
from nucleotides.targets.task import PackedTask, Rule

FORMAT, VERSION = "nucleotides target store", 2
_BYTES, _NUMBERS = np.empty(0, np.uint8), np.empty(0, np.int64)


def write_store(
    out: Path, tasks: Iterable[PackedTask], rule: Rule, table: pd.DataFrame | None = None
) -> None:
    """Write the store, replacing the one at `out`.

    What is written depends on the tasks and the rule only: no time, no path, no machine.

    Args:
        out: the folder.
        tasks: in store order; taken one at a time, and kept packed.
        rule: what their centres were made by.
        table: more columns by task (assay, biosample, target...), with a column `task`.

    Raises:
        OutOfSpaceError: the disk is full; what was at `out` is unchanged.
    """
    with replacing(out) as folder:
        count = PieceCount(rule.layout.n_cells)
        kept = []
        for task in tasks:
            count.add(task.unpack_centres())
            kept.append(task)
        folder.mkdir()
        names = [task.task for task in kept]
        task_table(names, table).to_csv(folder / "tasks.tsv", sep="\t", index=False)
        hashes = {}
        hashes["peaks.safetensors"] = save_arrays(folder / "peaks.safetensors", _peak_arrays(kept))
        rows = count.rows()
        pieces = np.empty(int(rows[-1]), word_type(len(kept)))
        fill(rows, pieces, (task.unpack_centres() for task in kept))
        hashes["centres.safetensors"] = save_arrays(
            folder / "centres.safetensors", {"rows": rows, "pieces": pieces}
        )
        (folder / "inputs.json").write_text(json.dumps([_input(task) for task in kept]) + "\n")
        write_json(folder / "manifest.json", _manifest(folder, kept, rule, hashes))


def task_table(tasks: list[str], table: pd.DataFrame | None) -> pd.DataFrame:
    """A row a task, with the columns task, assay, target, biosample and those of `table`."""
    out = pd.DataFrame({"task": tasks})
    if table is not None:
        out = out.merge(table, on="task", how="left", validate="one_to_one")
    for column in ("assay", "target", "biosample"):
        if column not in out:
            out[column] = ""
    return out.fillna("")


def _peak_arrays(tasks: list[PackedTask]) -> dict[str, NDArray[Any]]:
    """packed (bytes), edges (tasks + 1 offsets into them), counts (peaks by task)."""
    return {
        "packed": np.concatenate([_BYTES, *(task.peaks for task in tasks)]),
        "edges": np.cumsum([0, *(task.peaks.size for task in tasks)]),
        "counts": np.array([task.n_peaks for task in tasks], np.int64),
    }


def _input(task: PackedTask) -> dict[str, Any]:
    return {
        "task": task.task,
        "digest": task.digest,
        "peaks_read": task.n_read,
        "skipped": vars(task.skipped),
    }


def _manifest(
    folder: Path, tasks: list[PackedTask], rule: Rule, hashes: dict[str, str]
) -> dict[str, Any]:
    skipped = Skipped()
    for task in tasks:
        skipped.add(task.skipped)
    skipped.unknown_contigs = dict(sorted(skipped.unknown_contigs.items()))
    return {
        "format": FORMAT,
        "version": VERSION,
        "package": __version__,
        "contigs": rule.layout.contigs,
        "bin": rule.bin,
        "threshold": rule.threshold,
        "n_tasks": len(tasks),
        "n_peaks": sum(task.n_peaks for task in tasks),
        "n_read": sum(sum(task.n_read) for task in tasks),
        "skipped": asdict(skipped),
        "sha256": {
            path.name: hashes.get(path.name) or sha256(path) for path in sorted(folder.iterdir())
        },
    }
