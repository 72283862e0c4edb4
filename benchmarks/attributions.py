"""Integrated gradients and DeepLIFT/SHAP beside captum's.

One network in one process: DeepSEA's, 1,000 bp and 919 tasks, He's initial weights. Integrated
gradients of one window from 0.25 in 50 steps (midpoints), DeepLIFT/SHAP against 20 dinucleotide
shuffles of it; for one task, and for ten. Rounds take turns. captum's DeepLIFT is wrong where an
activation's output goes straight into pooling (its hooks share the tensor, and its contributions
do not add up), so it is given the network with `x * 1` between the two, which costs little.

    python benchmarks/attributions.py --json benchmarks/results/attributions.json \\
        --markdown benchmarks/results/attributions.md
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from common import configuration, parser, progress, ranged, report, row, spread
from torch import Tensor, nn

from nucleotides.explain import deep_lift_shap, integrated_gradients, shuffle_dinucleotides
from nucleotides.model.deepsea import DeepSEA
from nucleotides.predict import Model

N_TASKS, LENGTH, STEPS, REFERENCES = 919, 1000, 50, 20
Work = Callable[[], np.ndarray[Any, Any]]


def main() -> None:
    """Measure, print."""
    options = parser(__doc__)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--rounds", type=int, default=3)
    arguments = options.parse_args()
    torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore", UserWarning)
    model = Model(network(), pd.DataFrame({"task": [f"task{i}" for i in range(N_TASKS)]}), LENGTH)
    codes = np.random.default_rng(0).integers(0, 4, (1, LENGTH)).astype(np.uint8)
    shuffle_dinucleotides(codes)  # compiles
    model.evaluator()  # is recorded and checked once a model
    config = configuration(
        ("torch", "captum"),
        network=f"DeepSEA, {LENGTH} bp, {N_TASKS} tasks, He's initial weights; one window",
        rounds=arguments.rounds,
        threads=arguments.threads,
    )
    cells, rows = [], []
    for n_tasks in (1, 10):
        tasks = [f"task{i}" for i in range(n_tasks)]
        for method, ours, captums in methods(model, codes, tasks):
            facts = compared(ours, captums, arguments.rounds)
            title = f"{method}, {n_tasks} task{'s' if n_tasks > 1 else ''}"
            progress(f"{title}: {ranged(facts['ratio'])}")
            cells.append([title, *(ranged(facts[k]) for k in ("ours", "captum", "ratio"))])
            cells[-1] += [ranged(facts["wall_ratio"]), facts["difference"], facts["largest"]]
            for name in ("ours", "captum"):
                rows += [row(f"{title}: {name}", s, "processor s", config) for s in facts[name]]
            rows.append(row(f"{title}: ratio", spread(facts["ratio"])["median"], "", config))
            rows.append(row(f"{title}: largest difference", facts["difference"], "", config))
    head = ["", "processor s", "captum", "captum / ours", "by the clock"]
    report(arguments, [*head, "largest difference", "largest value"], cells, rows, config)


def network() -> DeepSEA:
    """With He's weights, so that logits are of a size."""
    torch.manual_seed(0)
    out = DeepSEA(N_TASKS, LENGTH)
    for layer in out.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
    return out.eval()


class Apart(nn.Module):
    """A tensor of its own between two hooks."""

    def forward(self, x: Tensor) -> Tensor:
        """The same numbers."""
        return x * 1


def methods(
    model: Model, codes: np.ndarray[Any, Any], tasks: list[str]
) -> list[tuple[str, Work, Work]]:
    """Name, ours, captum's; contributions (tasks, length)."""
    from captum.attr import DeepLiftShap, IntegratedGradients

    parts = list(model.network.convolutions)  # type: ignore[arg-type]
    layers = [[m, Apart()] if isinstance(m, nn.ReLU) else [m] for m in parts]
    hooked = nn.Sequential(*(m for some in layers for m in some), model.network.head)
    x = one_hot(codes)
    references = one_hot(shuffle_dinucleotides(codes, REFERENCES)[0])

    def captums(attribute: Callable[[int], Tensor]) -> np.ndarray[Any, Any]:
        found = [attribute(i).detach().sum(1)[0] for i in range(len(tasks))]
        return torch.stack(found).numpy()

    def integrate(i: int) -> Tensor:
        gradients = IntegratedGradients(model.network)
        quarter = torch.full_like(x, 0.25)
        return gradients.attribute(x, quarter, i, n_steps=STEPS, method="riemann_middle")

    return [
        (
            f"integrated gradients, {STEPS} steps",
            lambda: integrated_gradients(model, codes, tasks, steps=STEPS).actual()[0],
            lambda: captums(integrate),
        ),
        (
            f"DeepLIFT/SHAP, {REFERENCES} references",
            lambda: deep_lift_shap(model, codes, tasks, references=REFERENCES).actual()[0],
            lambda: captums(lambda i: DeepLiftShap(hooked).attribute(x, references, target=i)),
        ),
    ]


def one_hot(codes: np.ndarray[Any, Any]) -> Tensor:
    """(n, 4, length) of codes."""
    return nn.functional.one_hot(torch.from_numpy(codes).long(), 4).transpose(1, 2).float()


def compared(ours: Work, captums: Work, rounds: int) -> dict[str, Any]:
    """Processor seconds by round, their ratio, that of the clock, and whether results agree."""
    facts: dict[str, Any] = {"ours": [], "captum": [], "ratio": [], "wall_ratio": []}
    for _ in range(rounds):
        wall, found = {}, {}
        for name, work in (("ours", ours), ("captum", captums)):
            begin, processor = time.perf_counter(), time.process_time()
            found[name] = work()
            facts[name].append(time.process_time() - processor)
            wall[name] = time.perf_counter() - begin
        facts["ratio"].append(facts["captum"][-1] / facts["ours"][-1])
        facts["wall_ratio"].append(wall["captum"] / wall["ours"])
    facts["difference"] = float(np.abs(found["ours"] - found["captum"]).max())
    facts["largest"] = float(np.abs(found["captum"]).max())
    return facts


if __name__ == "__main__":
    main()
