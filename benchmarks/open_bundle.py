"""From nothing to the first prediction of a bundle: time and memory, in a new process each time.

The network is DeepSEA at its published size (1000 bp, 919 tasks, 52.8 M weights), untrained.

python benchmarks/open_bundle.py [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from common import configuration, parser, progress, python, ranged, report, row

REPEATS = 7
TASKS, LENGTH = 919, 1000
SCRIPT = """
import json, os, resource, sys, time
begin = time.monotonic() - float(sys.argv[2])  # what the interpreter took to start
def now():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.monotonic() - float(sys.argv[2]), used.ru_utime + used.ru_stime
points = {"python": now()}
import nucleotides.predict
points["import"] = now()
model = nucleotides.load(sys.argv[1])
points["open"] = now()
first = model.predict("ACGTT" * 200)
points["predict"] = now()
assert first.shape == (1, 919)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
held = {name: int(status[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon")}
print(json.dumps({"points": points, "peak": peak, **held}))
"""
STEPS = {"import": "import nucleotides", "open": "open the bundle", "predict": "first prediction"}


def write(folder: Path) -> Path:
    """The bundle."""
    import pandas as pd
    import torch

    from nucleotides.bundle import write_bundle
    from nucleotides.model.checkpoint import Checkpoint
    from nucleotides.model.deepsea import DeepSEA

    torch.manual_seed(0)
    tasks = [f"task_{i}" for i in range(TASKS)]
    chosen = {"model_class": "deepsea", "model": {}, "sequence_length": LENGTH, "bin": 200}
    chosen |= {"threshold": 0.5, "average_strands": False}
    checkpoint = Checkpoint(DeepSEA(TASKS, LENGTH).eval(), tasks, chosen)
    return write_bundle(checkpoint, pd.DataFrame({"task": tasks}), {}, folder / "bundle")


def measure(bundle: Path) -> dict[str, float]:
    """Of one process: seconds by the clock and of the processor, by step and in all; bytes."""
    begin = time.monotonic()
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}  # as the command line sets it
    command = ("-c", SCRIPT, str(bundle), str(begin))
    done = python(*command, stdout=subprocess.PIPE, env=environment)
    found = json.loads(done.stdout)
    out = {"memory at most": found["peak"], "of it for itself, at the end": found["RssAnon"]}
    before = [0.0, 0.0]
    for name, point in found["points"].items():
        for i, kind in enumerate(("clock", "processor")):
            out[f"{STEPS.get(name, 'start Python')}, {kind}"] = point[i] - before[i]
            out[f"in all, {kind}"] = point[i]
        before = point
    return out


def main() -> None:
    """Print median and range of some runs, after one that fills the disk cache."""
    arguments = parser(__doc__).parse_args()
    config = configuration(("torch",), tasks=TASKS, bases=LENGTH, repeats=REPEATS)
    with tempfile.TemporaryDirectory() as folder:
        bundle = write(Path(folder))
        config["bundle_mb"] = round(sum(p.stat().st_size for p in bundle.iterdir()) / 1e6)
        runs = []
        for i in range(REPEATS + 1):
            progress(f"run {i + 1} of {REPEATS + 1}")
            runs.append(measure(bundle))
    rows, cells = [], []
    for step in ["start Python", *STEPS.values(), "in all"]:
        values = {k: [r[f"{step}, {k}"] for r in runs[1:]] for k in ("clock", "processor")}
        cells.append((step, ranged(values["clock"]), ranged(values["processor"])))
        rows += [row(f"{step}, {k}", statistics.median(v), "s", config) for k, v in values.items()]
    for name in ("memory at most", "of it for itself, at the end"):
        value = max(r[name] for r in runs)
        cells.append((f"{name}, MB", value / 1e6, None))
        rows.append(row(name, value, "bytes", config))
    report(arguments, ["", "s by the clock", "s of the processor"], cells, rows, config)


if __name__ == "__main__":
    main()
