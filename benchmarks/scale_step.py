"""One step of scale.py in a process of its own: STEP INPUTS STORE WORKERS; prints JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from peak_files import HUMAN, unpack_by_zlib, unpack_only

from nucleotides.targets import TargetStore
from nucleotides.targets.build import build_store
from nucleotides.targets.export import write_intervals, write_target_bed
from nucleotides.targets.task import PeakFile, TaskSource


def main() -> None:
    """Do the step, print seconds, memory and what else it found."""
    step, inputs, store, workers = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    files = sorted(inputs.iterdir())
    begin = time.perf_counter()
    facts: dict[str, Any] = {}
    if step == "unpack":
        facts["bytes"] = unpack_only(files)
    elif step == "zlib":
        facts["bytes"] = unpack_by_zlib(files[:100])
    elif step in {"build", "again"}:
        sources = [TaskSource(path.name[:11], (PeakFile(path, path.name),)) for path in files]
        built = build_store(sources, HUMAN, store, n_workers=int(workers))
        facts = {
            "peaks": sum(sum(one["peaks_read"]) for one in built.store.inputs()),
            "merged": built.store.n_peaks,
            "reused": built.reused,
            "bytes": sum(path.stat().st_size for path in store.iterdir()),
        }
    elif step == "bed":
        write_target_bed(TargetStore.open(store), store.with_name("target.bed.gz"))
        write_intervals(TargetStore.open(store), store.with_name("intervals.bed"))
    else:
        opened = TargetStore.open(store)
        labels = opened.labels("chr1", np.random.default_rng(0).integers(0, 248_000_000, 512))
        facts["positives"] = int(labels.sum())
    facts["seconds"] = round(time.perf_counter() - begin, 3)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    facts["memory_gb"] = round(memory / 1e9, 2)
    sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    main()
