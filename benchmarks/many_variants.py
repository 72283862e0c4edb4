"""`nucleotides variants` on a million alleles: speed, memory, and the same bytes after kills.

Random SNVs, insertions, deletions and records of two ALTs on the demo's 10 Mb; an untrained
DeepSEA of few weights, since the question is of what is around it. Each run is a process of its
own. Memory is VmHWM of /proc, read until the process ends: `ru_maxrss` is at least that of the
process that started it. The runs that are killed get SIGKILL at random moments (seeded), begin
again, and must end with the bytes of the run that was not.

python benchmarks/many_variants.py [--alleles N] [--kills N] [--forms SUFFIX...]
                                   [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import variants_data
from common import configuration, parser, progress, report, row

from nucleotides.files import sha256

NETWORK = {"channels": [8, 8, 8], "hidden": 16}
TASKS, LENGTH = 4, 400
FORMS = (".vcf.gz", ".parquet", ".effects")
HEAD = ["", "alleles/s", "ms/allele", "memory, GB", "killed after, s", "same bytes"]


class Run(NamedTuple):
    """A run that ended by itself: seconds, processor seconds, GB."""

    seconds: float
    processor_s: float
    memory_gb: float


def main() -> None:
    """Each format once whole and once killed, print."""
    options = parser(__doc__)
    options.add_argument("--alleles", type=int, default=1_000_000)
    options.add_argument("--kills", type=int, default=2)
    options.add_argument("--forms", nargs="+", default=FORMS)
    arguments = options.parse_args()
    cells, rows = [], []
    with tempfile.TemporaryDirectory() as name:
        folder, n = Path(name), arguments.alleles
        genome = variants_data.build_genome(folder)
        records = variants_data.write_variants(genome, n, folder / "in.vcf")
        variants_data.write_model(folder / "model", TASKS, LENGTH, NETWORK)
        config = configuration(
            ("torch", "numpy", "pyarrow", "pysam"),
            alleles=n,
            records=records,
            kinds=variants_data.PARTS,
            network={**NETWORK, "tasks": TASKS, "length": LENGTH},
        )
        for form in arguments.forms:
            cells.append(measure(folder, form, n, arguments.kills))
            rows += [
                row(f"{form}: {what}", value, "", config)
                for what, value in zip(HEAD[1:], cells[-1][1:], strict=True)
            ]
    report(arguments, HEAD, cells, rows, config)


def measure(folder: Path, form: str, n: int, kills: int) -> list[Any]:
    """A line of the table."""
    whole, out = folder / f"whole{form}", folder / f"killed{form}"
    run = score(folder, whole)
    assert run is not None
    progress(f"{form}: {run}")
    moments = np.random.default_rng(len(form)).uniform(0.1, 0.9 / kills, kills) * run.seconds
    for moment in moments:
        assert score(folder, out, kill_after=moment) is None
    again = score(folder, out)
    assert again is not None
    progress(f"{form}, after {kills} kills: {again}")
    same = "yes" if digests(out) == digests(whole) else "NO"
    memory = max(run.memory_gb, again.memory_gb)
    killed = ", ".join(f"{moment:.0f}" for moment in moments)
    return [form, n / run.seconds, 1000 * run.processor_s / n, memory, killed, same]


def score(folder: Path, out: Path, kill_after: float | None = None) -> Run | None:
    """Run the command; None if it was killed."""
    command = [sys.executable, "-m", "nucleotides", "variants", str(folder / "in.vcf")]
    command += ["--model", str(folder / "model"), "--genome", str(folder / "genome")]
    command += ["--out", str(out), "--device", "cpu"]
    begin, most = time.perf_counter(), 0.0
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        ended, status, used = os.wait4(child.pid, os.WNOHANG)
        spent = time.perf_counter() - begin
        if ended:
            break
        most = max(most, high_water(child.pid))
        if kill_after is not None and spent >= kill_after:
            child.kill()
        time.sleep(0.05)
    if os.WIFSIGNALED(status):
        return None
    assert os.WEXITSTATUS(status) == 0, command
    return Run(spent, used.ru_utime + used.ru_stime, most)


def high_water(pid: int) -> float:
    """VmHWM of a process in GB, 0 once it has no memory."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e9 for line in lines if "VmHWM" in line), 0.0)


def digests(path: Path) -> list[tuple[str, str]]:
    """Checksums of a file or of all files of a folder, and of an index beside it."""
    index = path.with_name(path.name + ".tbi")
    files = [*sorted(path.iterdir())] if path.is_dir() else [path, index]
    suffix = len(path.name) if not path.is_dir() else 0
    return [(file.name[suffix:], sha256(file)) for file in files if file.exists()]


if __name__ == "__main__":
    main()
