"""What each loss costs beside BCEWithLogits: forward and backward, as a ratio.

Batch 512, 1,000 and 4,000 tasks, float32 logits, one label in twenty positive; torch's own
`BCEWithLogitsLoss` and every loss of the package with its default parameters, and some around
others, in turn; the ratio of each round. Labels are float32, as torch's loss wants them.

python benchmarks/losses.py [--rounds 40] [--threads 1 2] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from common import configuration, parser, progress, ranged, report, row, spread
from torch import Tensor, nn

from nucleotides.loss import LossOptions, create_loss

BATCH, SAMPLES = 512, 1_000_000
RLW = LossOptions(task_weighting="rlw")
ADJUSTED = LossOptions(logit_adjustment=1.0)
KINDS: dict[str, tuple[str, LossOptions | None, dict[str, Any]]] = {
    "bce": ("bce", None, {}),
    "weighted_bce": ("weighted_bce", None, {}),
    "task_balanced": ("task_balanced", None, {}),
    "focal": ("focal", None, {}),
    "focal, gamma 1.5": ("focal", None, {"gamma": 1.5}),
    "class_balanced": ("class_balanced", None, {}),
    "class_balanced, average_count": ("class_balanced", None, {"mode": "average_count"}),
    "class_balanced over focal": ("class_balanced", None, {"base": "focal"}),
    "distribution_balanced": ("distribution_balanced", None, {}),
    "distribution_balanced, gamma 2": ("distribution_balanced", None, {"gamma": 2.0}),
    "bce, random weights": ("bce", RLW, {}),
    "bce, adjusted logits": ("bce", ADJUSTED, {}),
    "bce, smoothed labels": ("bce", None, {"label_smoothing": 0.1}),
}


def main() -> None:
    """Measure in turn, print."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    arguments = options.parse_args()
    config = configuration(
        ("torch", "numba"),
        batch=BATCH,
        rounds=arguments.rounds,
        statistic="median (min-max) over rounds; ratios round by round",
    )
    cells, rows = [], []
    for threads in arguments.threads:
        torch.set_num_threads(threads)
        for n_tasks in (1000, 4000):
            progress(f"{n_tasks:,} tasks, {threads} threads")
            taken = measure(n_tasks, arguments.rounds)
            plain = taken["torch"]
            for name, times in taken.items():
                ratios = [a / b for a, b in zip(times, plain, strict=True)]
                label = f"{n_tasks:,} tasks, {threads} threads: {name}"
                cells.append([label, ranged([1e3 * t for t in times]), ranged(ratios)])
                rows.append(row(label, spread(ratios)["median"], "ratio", config))
    report(arguments, ["", "ms", "of torch's BCEWithLogits"], cells, rows, config)


def measure(n_tasks: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of a forward and a backward pass, round by round."""
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(BATCH, n_tasks, generator=random).requires_grad_()
    labels = (torch.rand(BATCH, n_tasks, generator=random) < 0.05).float()
    counts = torch.randint(1, SAMPLES // 5, (n_tasks,), generator=random)
    losses: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"torch": nn.BCEWithLogitsLoss()}
    for name, (kind, around, parameters) in KINDS.items():
        losses[name] = create_loss(kind, counts, SAMPLES, around, **parameters)
    taken: dict[str, list[float]] = {name: [] for name in losses}
    for number in range(rounds + 3):
        for name, loss in losses.items():
            logits.grad = None
            begin = time.perf_counter()
            loss(logits, labels).backward()
            if number >= 3:
                taken[name].append(time.perf_counter() - begin)
    return taken


if __name__ == "__main__":
    main()
