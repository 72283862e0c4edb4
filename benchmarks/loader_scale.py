"""Uniform sampling of a 3.1 Gb genome with 250 million peaks: opening, memory, cold and warm.

The genome is generated once and kept in --folder; the target store is that of scale.py
(--targets). Each step runs in a process of its own:

- open: both stores, to the first batch of 64;
- cold: files evicted from the page cache, then --seconds of batches of codes and packed labels at
  positions uniform over the genome;
- warm: files read once before;
- no limit: mapped pages are kept, files never read instead (nucleotides.mapped_memory).

Memory is told apart: anonymous (the process's own) and mapped from files (the system's cache,
shared, handed back under pressure); the largest of twenty looks a second.

python benchmarks/loader_scale.py --folder SCRATCH --targets SCRATCH/store [--seconds 20] [--json F]
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from common import configuration, parser, progress, report, row
from peak_files import HUMAN

from nucleotides.arrays import save_arrays
from nucleotides.files import write_json
from nucleotides.genome import store

STEPS = ("open", "cold", "warm", "cold, no limit", "warm, no limit")
CHILD = Path(__file__).with_name("loader_scale_step.py")
HEAD = ["", "seconds to open", "samples/s", "anonymous, GB", "mapped, GB", "resident, GB"]


def main() -> None:
    """Make the genome, run each step in a child, print."""
    options = parser(__doc__)
    options.add_argument("--folder", type=Path, required=True, help="scratch, 3.1 GB")
    options.add_argument("--targets", type=Path, required=True, help="the store of scale.py")
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--batch", type=int, default=64)
    arguments = options.parse_args()
    genome = arguments.folder / "genome"
    if not (genome / "manifest.json").exists():
        progress("writing a genome")
        write_genome(genome)
    cells, rows = [], []
    config = configuration(
        ("numpy", "numba", "torch"),
        genome=sum(HUMAN.values()),
        peaks=json.loads((arguments.targets / "manifest.json").read_text())["n_peaks"],
        tasks=json.loads((arguments.targets / "manifest.json").read_text())["n_tasks"],
        batch=arguments.batch,
        threads=1,
        statistic=f"one run of {arguments.seconds:g} s each, each in a process of its own",
    )
    for step in STEPS:
        command = [sys.executable, str(CHILD), step, str(genome), str(arguments.targets)]
        command += [str(arguments.seconds), str(arguments.batch)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found: dict[str, Any] = json.loads(done.stdout)
        progress(f"{step}: {found}")
        cells.append([step, *(found.get(key) for key in ("open", "rate", "anon", "file", "rss"))])
        units = {"open": "s", "rate": "samples/s", "anon": "GB", "file": "GB", "rss": "GB"}
        rows += [row(f"{step}: {k}", found[k], u, config) for k, u in units.items() if k in found]
    report(arguments, HEAD, cells, rows, config)


def write_genome(folder: Path) -> None:
    """A store of random bases of the human contigs' lengths, N at the ends and in the middle."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    starts, ends, offset = [], [], 0
    with (folder / "codes.u8").open("wb") as file:
        for length in HUMAN.values():
            codes = np.frombuffer(rng.bytes(length), np.uint8) & 3
            middle = length // 2
            for low, high in (
                (0, 10_000),
                (middle, middle + length // 50),
                (length - 10_000, length),
            ):
                codes[low:high] = 4
                starts.append(offset + low)
                ends.append(offset + high)
            file.write(codes.data)
            offset += length
    runs = {"starts": np.array(starts), "ends": np.array(ends)}
    save_arrays(folder / "unknown.safetensors", runs)
    facts = {"format": store.FORMAT, "version": store.VERSION, "contigs": HUMAN, "sha256": ""}
    write_json(folder / "manifest.json", {**facts, "fasta": "none"})


if __name__ == "__main__":
    main()
