"""What keeping freed memory (nucleotides.train.allocator) does to a training step on the CPU.

The same training steps in two processes, one that calls keep_freed_memory() before its first
tensor and one that does not, run in turn (A B, B A, A B...) so that other load on the machine
falls on both. Each process warms up, then times steps one by one. Processor time (user and
system) says more than wall time where others use the machine.

python benchmarks/allocator.py [--model deepsea motifnet] [--rounds 3] [--steps 6] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from typing import Any

from common import Row, configuration, parser, progress, python, ranged, report, row

TASKS, LENGTH, BATCH, WARM_UP = 40, 1000, 64, 2
WAYS = {"default": False, "kept": True}
MEASURED = {
    "wall time": "s/step",
    "processor time": "s/step",
    "system time": "s/step",
    "page faults": "faults/step",
}
COMPARED = ("wall time", "processor time")  # the others may be 0


def main() -> None:
    """Measure in turn, print the ratios; or, as a child process, train and print one result."""
    options = parser(__doc__)
    options.add_argument(
        "--model", nargs="+", default=["deepsea", "motifnet"], help="names as for train"
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--steps", type=int, default=6)
    options.add_argument("--child", choices=WAYS, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.child:
        print_result(arguments.model[0], WAYS[arguments.child], arguments.steps)
        return
    config = configuration(
        ("torch",),
        tasks=TASKS,
        length=LENGTH,
        batch=BATCH,
        rounds=arguments.rounds,
        steps=arguments.steps,
        warm_up=WARM_UP,
        statistic="median (min-max) over rounds of a round's median step; ratio round by round",
    )
    rows: list[Row] = []
    cells: list[list[Any]] = []
    for model in arguments.model:
        results = alternate(model, arguments.rounds, arguments.steps)
        cells += lines(model, results)
        rows += as_rows(model, results, config)
    report(arguments, ["", *WAYS, "default / kept"], cells, rows, config)


def alternate(model: str, rounds: int, steps: int) -> dict[str, list[dict[str, float]]]:
    """Results of every round, by way."""
    results: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for number in range(rounds):
        for way in list(WAYS)[:: 1 if number % 2 == 0 else -1]:
            command = ["--child", way, "--model", model, "--steps", str(steps)]
            out = python(__file__, *command, capture_output=True).stdout
            results[way].append(json.loads(out))
            progress(
                f"{model} round {number + 1}, {way}: {results[way][-1]['wall time']:.3f} s/step"
            )
    return results


def lines(model: str, results: dict[str, list[dict[str, float]]]) -> list[list[Any]]:
    """A line a quantity: both ways, and their ratio with its spread."""
    out = []
    for key, unit in MEASURED.items():
        by_way = values(results, key)
        ratio = ranged(ratios(by_way)) if key in COMPARED else ""
        out.append([f"{model}: {key}, {unit}", *map(ranged, by_way.values()), ratio])
    return out


def values(results: dict[str, list[dict[str, float]]], key: str) -> dict[str, list[float]]:
    """A quantity round by round, by way."""
    return {way: [result[key] for result in results[way]] for way in WAYS}


def ratios(by_way: dict[str, list[float]]) -> list[float]:
    """Default over kept, round by round."""
    return [a / b for a, b in zip(by_way["default"], by_way["kept"], strict=True)]


def as_rows(
    model: str, results: dict[str, list[dict[str, float]]], config: dict[str, Any]
) -> list[Row]:
    """Medians over the rounds, each with the rounds' values in its config."""
    out = []
    for key, unit in MEASURED.items():
        by_way = values(results, key)
        named = [(f"{model}: {way}: {key}", each, unit) for way, each in by_way.items()]
        if key in COMPARED:
            named.append((f"{model}: default / kept: {key}", ratios(by_way), "ratio"))
        out += [
            row(name, statistics.median(each), unit, {**config, "by_round": each})
            for name, each, unit in named
        ]
    return out


def print_result(model: str, keep: bool, steps: int) -> None:
    """Train, and print this process's figures per step as JSON."""
    from nucleotides.train.allocator import keep_freed_memory

    if keep and not keep_freed_memory():
        raise SystemExit("keep_freed_memory() does nothing here: the C library is not glibc")
    step = training_step(model)
    for _ in range(WARM_UP):
        step()
    before, seconds = resource.getrusage(resource.RUSAGE_SELF), []
    for _ in range(steps):
        begin = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - begin)
    after = resource.getrusage(resource.RUSAGE_SELF)
    system = after.ru_stime - before.ru_stime
    used = {
        "processor time": after.ru_utime - before.ru_utime + system,
        "system time": system,
        "page faults": after.ru_minflt - before.ru_minflt,
    }
    result = {key: value / steps for key, value in used.items()}
    print(json.dumps({"wall time": statistics.median(seconds), **result}))  # noqa: T201


def training_step(model: str) -> Any:
    """A function that trains on one random batch: one-hot, forward, loss, backward, AdamW."""
    import torch

    from nucleotides.model.encoding import one_hot
    from nucleotides.model.optimisation import Optimisation, create_optimizer
    from nucleotides.model.registry import find_model

    torch.manual_seed(0)
    network = find_model(model)(TASKS, LENGTH)
    optimizer = create_optimizer(network, Optimisation())
    codes = torch.randint(0, 4, (BATCH, LENGTH), dtype=torch.uint8)
    labels = (torch.rand(BATCH, TASKS) < 0.02).to(torch.uint8)

    def step() -> None:
        optimizer.zero_grad()
        network.loss(network(one_hot(codes)), labels).backward()
        optimizer.step()

    return step


if __name__ == "__main__":
    main()
