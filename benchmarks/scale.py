"""A target store of 250 million peaks in 5,000 files: time, memory, bytes.

Writes narrowPeak files as ENCODE's (peak_files.py; kept in --folder, made once), then, each in a
process of its own, so that peak memory is its own:

- unpacking only: every file from gzip to bytes by ISA-L, and a hundred of them by Python's gzip;
- store: `build_store`, --workers threads;
- again: the same call with the store there: what a run costs in which nothing changed;
- bed: TARGET, sorted, bgzipped, with its tabix index, and INTERVALS;
- open: TargetStore.open and labels of 512 bins, in a fresh process.

python benchmarks/scale.py --folder SCRATCH [--files 5000] [--peaks 250000000] [--json FILE]
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from common import configuration, parser, progress, report, row
from peak_files import write_peak_files

STEPS = ("unpack", "zlib", "build", "again", "bed", "open")
ZLIB_FILES = 100
CHILD = Path(__file__).with_name("scale_step.py")


def main() -> None:
    """Generate, run each step in a child, print."""
    options = parser(__doc__)
    options.add_argument("--folder", type=Path, required=True, help="scratch, about 15 GB")
    options.add_argument("--files", type=int, default=5000)
    options.add_argument("--peaks", type=int, default=250_000_000)
    options.add_argument("--workers", type=int, default=2)
    arguments = options.parse_args()
    inputs = arguments.folder / f"files{arguments.files}"
    if len(list(inputs.glob("*.gz"))) != arguments.files:
        progress(f"writing {arguments.files:,} files")
        write_peak_files(inputs, arguments.files, arguments.peaks)
    shutil.rmtree(arguments.folder / "store", ignore_errors=True)
    found = {}
    for step in STEPS:
        found[step] = run(step, inputs, arguments.folder / "store", arguments.workers)
        progress(f"{step}: {found[step]}")
    peaks = found["build"]["peaks"]
    packed = sum(path.stat().st_size for path in inputs.iterdir())
    zlib = found["zlib"]["seconds"] * found["unpack"]["bytes"] / found["zlib"]["bytes"]
    config = configuration(
        ("numpy", "numba", "isal", "pysam"),
        files=arguments.files,
        peaks_read=peaks,
        merged_peaks=found["build"]["merged"],
        gzipped_gb=round(packed / 1e9, 2),
        workers=arguments.workers,
        statistic="one run of each step, each in a process of its own",
    )
    cells = [line(step, found[step], peaks) for step in STEPS if step != "zlib"]
    cells.insert(1, [f"unpack by Python's gzip (from {ZLIB_FILES} files)", zlib, None, None])
    cells.append(["bytes of the store a peak read", found["build"]["bytes"] / peaks, None, None])
    rows = [row(f"{step}: seconds", one["seconds"], "s", config) for step, one in found.items()]
    rows += [row(f"{step}: memory", one["memory_gb"], "GB", config) for step, one in found.items()]
    rows.append(row("bytes a peak", found["build"]["bytes"] / peaks, "bytes", config))
    report(arguments, ["", "seconds", "million peaks/s", "peak memory, GB"], cells, rows, config)


def line(step: str, found: dict[str, Any], peaks: int) -> list[Any]:
    """A line of the table."""
    names = {
        "unpack": "unpack by ISA-L, one thread",
        "build": "files to store",
        "again": "again, nothing changed",
        "bed": "TARGET bed, index, INTERVALS",
        "open": "open, labels of 512 bins",
    }
    rate = None if step == "open" else peaks / found["seconds"] / 1e6
    return [names[step], found["seconds"], rate, found["memory_gb"]]


def run(step: str, inputs: Path, store: Path, workers: int) -> dict[str, Any]:
    """What a child measured."""
    command = [sys.executable, str(CHILD), step, str(inputs), str(store), str(workers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
