"""One step of loader_scale.py in a process of its own: STEP GENOME TARGETS SECONDS BATCH."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from loader_data import anywhere

from nucleotides.data import make_batches
from nucleotides.data.loader import BatchDataset, BatchLoader, rank_indices
from nucleotides.data.make_batches import HostSource
from nucleotides.genome import GenomeStore
from nucleotides.targets import TargetStore

SAMPLES = 10**9


def main() -> None:
    """Do the step, print what was found as JSON."""
    step, genome, targets = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    seconds, batch = float(sys.argv[4]), int(sys.argv[5])
    torch.set_num_threads(1)
    files = [genome / "codes.u8", targets / "centres.safetensors"]
    compile_first(genome, targets)
    for path in files:
        read(path) if step.startswith("warm") else evict(path)
    if step.endswith("no limit"):
        make_batches.MAPPED_LIMIT = 1 << 60
    begin = time.perf_counter()
    loader = open_loader(genome, targets, batch)
    opened = time.perf_counter() - begin
    batches = iter(loader)
    next(batches)
    found: dict[str, Any] = {"open": opened, "to_first_batch": time.perf_counter() - begin}
    most = memory()
    if step != "open":
        n, begin, looked = 0, time.perf_counter(), 0.0
        while (now := time.perf_counter() - begin) < seconds:
            n += len(next(batches)["codes"])
            if now - looked > 0.05:
                looked, most = now, np.maximum(most, memory())
        found["rate"] = n / (time.perf_counter() - begin)
        found["samples"] = n
    found |= dict(zip(("anon", "file", "rss"), np.round(most, 3).tolist(), strict=True))
    sys.stdout.write(json.dumps(found))


def open_loader(genome_path: Path, targets_path: Path, batch: int) -> BatchLoader:
    """Both stores, and a loader of positions uniform over the genome."""
    genome, targets = GenomeStore.open(genome_path), TargetStore.open(targets_path)
    place = anywhere(targets).draw
    source = HostSource(
        genome, targets, place, sequence_length=1000, bin=200, threshold=0.5, kind="packed"
    )
    indices = rank_indices(batch, 0, 1, SAMPLES)
    return BatchLoader(BatchDataset(source, indices, SAMPLES // batch, batch))


def compile_first(genome: Path, targets: Path) -> None:
    """Load numba and its cache, which any run has done by its second batch."""
    next(iter(open_loader(genome, targets, 64)))


def memory() -> np.ndarray:
    """Anonymous, mapped and all resident memory now, GB."""
    status = Path("/proc/self/status").read_text()
    kb = [
        int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("RssAnon", "RssFile", "VmRSS")
    ]
    return np.array(kb) * 1024 / 1e9


def evict(path: Path) -> None:
    """Drop a file from the page cache."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read(path: Path) -> None:
    """Put a file into the page cache."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


if __name__ == "__main__":
    main()
