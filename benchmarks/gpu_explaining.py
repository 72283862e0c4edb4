"""Predictions and explanations on a GPU: how many a second, and whether they are right.

DeepSEA's network (1,000 bp, 919 tasks, He's initial weights) and the demo's kind, MotifNet (40
tasks). Windows predicted a second; sequences a second of saturation mutagenesis for all tasks, by
whole windows and by what changes, in float32 and bfloat16; of integrated gradients and
DeepLIFT/SHAP for ten tasks. Errors are to float32 on the CPU: of logits for predictions, and of
their differences for mutants. Without a GPU the same runs, a little of it, and says so.

python benchmarks/gpu_explaining.py [--rounds 5] [--json FILE]
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from common import configuration, parser, progress, ranged, report, row
from torch import nn

from nucleotides.explain import deep_lift_shap, integrated_gradients, saturation_mutagenesis
from nucleotides.model.network import Network
from nucleotides.model.registry import create_network
from nucleotides.predict import Model

LENGTH, STEPS, REFERENCES, CHECKED = 1000, 50, 20, 48
NETWORKS = {"deepsea": 919, "motifnet": 40}
METHODS = {
    f"integrated gradients, {STEPS} steps": partial(integrated_gradients, steps=STEPS),
    f"DeepLIFT/SHAP, {REFERENCES} references": partial(deep_lift_shap, references=REFERENCES),
}
HEAD = ["", "a second", "largest error", "correlation"]
Floats = np.ndarray[Any, Any]


def main() -> None:
    """Measure each network, print."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--networks", nargs="+", default=list(NETWORKS))
    arguments = options.parse_args()
    there = torch.cuda.is_available()
    device = torch.device("cuda" if there else "cpu")
    config = configuration(
        ("torch",),
        device=torch.cuda.get_device_name() if there else "cpu (no GPU at hand)",
        networks={name: f"{NETWORKS[name]} tasks, {LENGTH} bp" for name in arguments.networks},
        statistic=f"median (min-max) over {arguments.rounds} rounds",
        errors=f"to float32 on the CPU: {CHECKED} windows, {3 * CHECKED} mutants of one",
    )
    cells, rows = [], []
    for name in arguments.networks:
        for what, work, n, off in ways(name, device):
            title = f"{name}: {what}"
            rates = timed(work, n, arguments.rounds, device)
            progress(f"{title}: {ranged(rates)} {off}")
            cells.append([title, ranged(rates), *off])
            rows += [row(title, rate, "1/s", config) for rate in rates]
            rows += [row(f"{title}: largest error", off[0], "", config)] if off else []
    report(arguments, HEAD, cells, rows, config)


def ways(name: str, device: torch.device) -> Any:
    """What is done, the work, of how many, and its error."""
    model, on_cpu = opened(name, device), opened(name, torch.device("cpu"))
    few = device.type == "cpu"
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (64 if few else 4096, LENGTH), np.uint8)
    known = on_cpu.logits(codes[:CHECKED])
    place = (LENGTH // 2, LENGTH // 2 + (4 if few else CHECKED))
    wanted = mutants(on_cpu, codes[:1], "whole", place)
    tasks = [f"task{i}" for i in range(10)]
    for title, read in (("torch's convolutions", model.logits), ("ours", model._quick_logits)):
        error = off(read(codes[:CHECKED]), known)
        yield f"predict, {title}", lambda r=read: r(codes), len(codes), error
    some = codes[: 1 if few else 16]
    span = place if few else None
    for precision in ("whole", "float32", "bfloat16"):
        these = some[:1] if precision == "whole" else some
        error = off(mutants(model, codes[:1], precision, place), wanted)
        work = partial(mutants, model, these, precision, span)
        yield f"mutagenesis, {precision}", work, len(these), error
    for title, explain in METHODS.items():
        error = off(*(explain(m, some[:1], tasks).values for m in (model, on_cpu)))
        yield f"{title}, 10 tasks", lambda e=explain: e(model, some, tasks), len(some), error


def opened(name: str, device: torch.device) -> Model:
    """A model with He's weights, so that logits are of a size."""
    torch.manual_seed(0)
    n_tasks = NETWORKS[name]
    network: Network = create_network(name, n_tasks, LENGTH, {})
    for layer in network.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
    table = pd.DataFrame({"task": [f"task{i}" for i in range(n_tasks)]})
    return Model(copy.deepcopy(network).eval().to(device), table, 200)


def mutants(model: Model, codes: Floats, precision: str, place: tuple[int, int] | None) -> Floats:
    """Differences of logits of all exchanges; `whole`: of every mutant read as a whole."""
    kept = model._evaluators
    if precision == "whole":
        model._evaluators = {"float32": None}
    chosen = "float32" if precision == "whole" else precision
    found = saturation_mutagenesis(model, codes, precision=chosen, positions=place)
    model._evaluators = kept
    return found


def off(found: Floats, known: Floats) -> tuple[float, str]:
    """The largest error, and the correlation."""
    correlation = np.corrcoef(found.ravel(), known.ravel())[0, 1]
    return float(np.abs(found - known).max()), f"{correlation:.5f}"


def timed(work: Callable[[], Any], n: int, rounds: int, device: torch.device) -> list[float]:
    """A second, by round; once before, not counted."""
    work()
    rates = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        rates.append(n / (time.perf_counter() - begin))
    return rates


if __name__ == "__main__":
    main()
