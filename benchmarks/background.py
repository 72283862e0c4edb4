"""The background of the genome: memory, speed, and how exact its quantiles are, by its size.

A DeepSEA of few weights (untrained: the question is of memory and order, not of meaning) over
windows of the demo's 10 Mb, each size in a process of its own. The error of a quantile is the
distance between the part of windows that it stands for and the part that truly reach it, from all
of the logits, which a second pass keeps; relative to that part, where it is a hundred windows or
more.

python benchmarks/background.py [--windows N...] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import demo_data
import numpy as np
import torch
from common import configuration, parser, progress, python, report, row

from nucleotides.analyze.genome_background import (
    background_positions,
    genome_background,
    predict_positions,
)
from nucleotides.data.datamodule import DataModule
from nucleotides.metrics.background import TAILS, Background
from nucleotides.model.deepsea import DeepSEA

NETWORK = {"channels": (16, 16, 16), "hidden": 32}
HEAD = ["windows", "windows/processor s", "peak memory, GB", "largest error", "relative error"]
_ENOUGH = 100


def main() -> None:
    """Measure each size in a child, print."""
    if len(sys.argv) == 5 and sys.argv[1] == "step":
        step(Path(sys.argv[2]), int(sys.argv[3]), exact=sys.argv[4] == "exact")
        return
    options = parser(__doc__)
    options.add_argument("--windows", type=int, nargs="+", default=[8_000, 100_000, 1_000_000])
    arguments = options.parse_args()
    config = configuration(("torch", "numpy"), tasks=40, network=NETWORK, quantiles=TAILS.size)
    cells, rows = [], []
    with tempfile.TemporaryDirectory() as name:
        demo_data.build_stores(Path(name))
        for n in arguments.windows:
            progress(f"{n:,} windows")
            streamed, exact = (_child(name, n, how) for how in ("streamed", "exact"))
            rate, memory = n / streamed["processor_s"], streamed["memory_gb"]
            line = [rate, memory, exact["error"], exact["relative"]]
            cells.append([f"{n:,}", *line])
            rows += [
                row(f"{n:,}: {what}", x, "", config) for what, x in zip(HEAD[1:], line, strict=True)
            ]
    report(arguments, HEAD, cells, rows, config)


def _child(folder: str, n: int, how: str) -> dict[str, float]:
    done = python(__file__, "step", folder, str(n), how, stdout=-1)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def step(folder: Path, n: int, *, exact: bool) -> None:
    """One background; with `exact`, its quantiles held against all of the logits."""
    stores = {name: folder / name for name in ("genome", "targets")}
    data = DataModule(**stores, validation=demo_data.VALIDATION, test=demo_data.TEST)
    torch.manual_seed(0)
    model = DeepSEA(len(data.tasks), **NETWORK)
    begin = time.process_time()
    found = genome_background(model, data.tasks, data.plan, n)
    told = {
        "processor_s": time.process_time() - begin,
        "memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }
    if exact:
        at = background_positions(data.plan, n)
        parts = predict_positions(model, data.plan, at, "cpu", "once more")
        told |= errors(found, np.concatenate([z.numpy() for z in parts]))
    sys.stdout.write(json.dumps(told))


def errors(found: Background, logits: np.ndarray) -> dict[str, float]:
    """Largest distance between a tail and the part of windows that reaches its quantile."""
    n, inner = len(logits), slice(1, -1)  # the lowest and the highest are known
    ranked = np.sort(logits, axis=0)
    reached = np.stack(
        [
            1 - (np.searchsorted(z, q, "left") + np.searchsorted(z, q, "right")) / 2 / n
            for z, q in zip(ranked.T, found.logits[:, inner], strict=True)
        ]
    )
    off = np.abs(reached - TAILS[inner])
    many = TAILS[inner] * n >= _ENOUGH
    return {"error": float(off.max()), "relative": float((off / TAILS[inner])[:, many].max())}


if __name__ == "__main__":
    main()
