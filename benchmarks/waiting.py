"""What it costs that torch's threads spin while they wait, alone and beside other work.

The demo's network takes training steps in a process of two threads, with OpenMP's waiting threads
spinning (ACTIVE, its default here) and sleeping (PASSIVE, what the command line sets); first with
the machine as it is, then beside a process that keeps one core busy. The two ways take turns.

python benchmarks/waiting.py [--rounds 3] [--steps 6] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from typing import Any

from common import configuration, parser, progress, python, ranged, report, row

BATCH, LENGTH, TASKS, WARM_UP = 128, 1000, 40, 2
WAYS = ("ACTIVE", "PASSIVE")
PLACES = ("as it is", "one core busy")


def main() -> None:
    """Measure in turn, print samples a second."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--steps", type=int, default=6)
    options.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.child:
        print(rate(arguments.steps))  # noqa: T201
        return
    facts = {"batch": BATCH, "length": LENGTH, "tasks": TASKS, "rounds": arguments.rounds}
    config = configuration(("torch",), **facts, statistic="median (min-max) over rounds")
    cells, rows = [], []
    for place in PLACES:
        rates = measure(place, arguments.rounds, arguments.steps)
        ratio = [b / a for a, b in zip(*rates.values(), strict=True)]
        cells.append([place, *map(ranged, rates.values()), ranged(ratio)])
        for way, values in rates.items():
            name = f"{place}: {way}"
            rows.append(row(name, statistics.median(values), "samples/s", config))
        rows.append(row(f"{place}: PASSIVE / ACTIVE", statistics.median(ratio), "ratio", config))
    head = ["samples/s", *WAYS, "PASSIVE / ACTIVE"]
    report(arguments, head, cells, rows, config)


def measure(place: str, rounds: int, steps: int) -> dict[str, list[float]]:
    """Samples a second of every round, by way."""
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if "busy" in place else None
    try:
        for _ in range(rounds):
            for way in WAYS:
                environment = os.environ | {"OMP_WAIT_POLICY": way}
                arguments = ["--child", "--steps", str(steps)]
                out = python(__file__, *arguments, env=environment, capture_output=True).stdout
                rates[way].append(float(out))
                progress(f"{place}, {way}: {rates[way][-1]:.0f} samples/s")
    finally:
        if busy:
            busy.kill()
    return rates


def rate(steps: int) -> float:
    """Samples a second of training steps of the demo's network, two threads."""
    import torch

    from nucleotides.model.lightning_model import Start
    from nucleotides.model.registry import find_model
    from nucleotides.train.allocator import keep_freed_memory

    keep_freed_memory()
    torch.set_num_threads(2)
    torch.manual_seed(0)
    codes = torch.randint(0, 4, (BATCH, LENGTH), dtype=torch.uint8)
    batch: dict[str, Any] = {"codes": codes, "labels": (torch.rand(BATCH, TASKS) < 0.02).byte()}
    model = find_model("motifnet")(TASKS)
    model.initialise(Start(torch.full((TASKS,), 0.02), codes))
    model.log = lambda *_, **__: None  # type: ignore[method-assign]
    optimizer = torch.optim.AdamW(model.parameters())

    def step() -> None:
        optimizer.zero_grad()
        model.training_step(batch, 0).backward()
        optimizer.step()

    for _ in range(WARM_UP):
        step()
    begin = time.perf_counter()
    for _ in range(steps):
        step()
    return BATCH * steps / (time.perf_counter() - begin)


if __name__ == "__main__":
    main()
