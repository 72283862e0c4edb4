"""How far the streamed AUROC and average precision are from exact ones, and what they cost.

Logits of normal spread, the positives shifted, tasks from 20 positives in all to one half of the
windows. Exact values by scikit-learn; the time is set beside its, and the memory beside that of
keeping every score.

python benchmarks/metrics.py [--windows N] [--tasks T] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import time

import numpy as np
import torch
from common import configuration, parser, progress, report, row
from sklearn.metrics import average_precision_score, roc_auc_score

from nucleotides.metrics import ScoreRanks

CASES = {
    "spread 1": lambda z: z,
    "spread 0.02 about -4": lambda z: 0.02 * z - 4,
    "spread 6": lambda z: 6 * z,
    "ties: steps of 0.25": lambda z: np.round(z * 4) / 4,
    "half are 0": lambda z: np.maximum(z, 0),
}
BATCH = 512


def main() -> None:
    """Measure, print."""
    options = parser(__doc__)
    options.add_argument("--windows", type=int, default=1_000_000)
    options.add_argument("--tasks", type=int, default=20)
    arguments = options.parse_args()
    torch.set_num_threads(1)
    config = configuration(
        ("torch", "scikit-learn"),
        windows=arguments.windows,
        tasks=arguments.tasks,
        batch=BATCH,
        threads=1,
    )
    lines, rows = [], []
    for name, change in CASES.items():
        for apart in (1.5, 4.0):
            progress(f"{name}, positives {apart} apart")
            found = measure(change, apart, arguments.windows, arguments.tasks)
            lines.append([name, f"{apart:g}", *(show(key, x) for key, x in found.items())])
            for key, x in found.items():
                rows.append(row(f"{name}, {apart:g}: {key}", x, UNITS[key], config))
    report(arguments, ["logits", "positives apart", *UNITS], lines, rows, config)


UNITS = {
    "AUROC, largest error": "",
    "AP, largest error": "",
    "us a score": "us",
    "scikit-learn's / ours, time": "ratio",
    "kept scores / ours, memory": "ratio",
}


def show(key: str, value: float) -> str:
    """As the table has it."""
    return f"{value:.1e}" if "error" in key else f"{value:.3g}"


def measure(change, apart: float, n: int, tasks: int) -> dict[str, float]:
    """A line of the table."""
    rng = np.random.default_rng(0)
    labels = (rng.random((n, tasks)) < np.geomspace(20 / n, 0.5, tasks)).astype(np.uint8)
    logits = change(rng.standard_normal((n, tasks)) + apart * labels).astype(np.float32)
    ranks = ScoreRanks(tasks)
    begin = time.process_time()
    for first in range(0, n, BATCH):
        part = slice(first, first + BATCH)
        ranks.update(torch.from_numpy(logits[part]), torch.from_numpy(labels[part]))
    found = ranks.compute()
    ours = time.process_time() - begin
    begin = time.process_time()
    columns = [(labels[:, k], logits[:, k]) for k in range(tasks)]
    auroc = np.array([roc_auc_score(*each) for each in columns])
    ap = np.array([average_precision_score(*each) for each in columns])
    theirs = time.process_time() - begin
    memory = sum(x.nbytes for x in (ranks.groups, ranks.counts, ranks.tied))
    values = (
        np.abs(found["auroc"].numpy() - auroc).max(),
        np.abs(found["average_precision"].numpy() - ap).max(),
        ours / (n * tasks) * 1e6,
        theirs / ours,
        (logits.nbytes + labels.nbytes) / memory,
    )
    return dict(zip(UNITS, map(float, values), strict=True))


if __name__ == "__main__":
    main()
