"""The map of thousands of tasks: seconds and memory of each step.

Planted groups: tasks share positives with those of their group, and keep 60 % of them; bins come
chunk by chunk, as from a store. Whether the groups were found is said by scikit-learn: the mean
silhouette of the groups in the map, and how far the clusters agree with the groups (adjusted Rand
index). Memory is the most that the process has held by the end of the step.

python benchmarks/task_map.py [--tasks T] [--bins N] [--groups G] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from common import configuration, parser, progress, report, row, say
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, silhouette_score

from nucleotides.analyze.cluster_tasks import cluster_tasks
from nucleotides.analyze.map_tasks import map_tasks
from nucleotides.analyze.similarity import (
    PredictionCorrelation,
    as_distance,
    cosine,
    jaccard,
    label_counts,
    phi,
)

CHUNK = 4096
MOST_SECONDS, MOST_GB = 600, 4.0


def main() -> None:
    """Measure, print."""
    options = parser(__doc__)
    options.add_argument("--tasks", type=int, default=4000)
    options.add_argument("--bins", type=int, default=100_000)
    options.add_argument("--groups", type=int, default=12)
    arguments = options.parse_args()
    groups = np.random.default_rng(0).integers(0, arguments.groups, arguments.tasks)
    steps = Steps()
    measure(steps, groups, arguments.bins)
    config = configuration(
        ("numpy", "scipy", "scikit-learn", "umap-learn"),
        tasks=arguments.tasks,
        bins=arguments.bins,
        groups=arguments.groups,
        **{name: f"{value:.3g}" for name, value in steps.found.items()},
    )
    total = sum(line[1] for line in steps.lines)
    steps.lines.append(["all", total, sum(line[2] for line in steps.lines), memory()])
    head = {"s": "s", "processor s": "s", "most memory so far, GB": "GB"}
    rows = [
        row(f"{name}: {what}", value, unit, config)
        for name, *values in steps.lines
        for (what, unit), value in zip(head.items(), values, strict=True)
    ]
    report(arguments, ["", *head], steps.lines, rows, config)
    say(f"within bounds: {total < MOST_SECONDS and memory() < MOST_GB}")


class Steps:
    """What was timed, line by line, and what was found."""

    def __init__(self) -> None:
        self.lines: list[list[Any]] = []
        self.found: dict[str, float] = {}

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        """The result of a step, timed."""
        progress(name)
        begin = time.perf_counter(), time.process_time()
        result = work()
        end = time.perf_counter(), time.process_time()
        self.lines.append([name, end[0] - begin[0], end[1] - begin[1], memory()])
        return result


def measure(steps: Steps, groups: NDArray[np.int64], bins: int) -> None:
    """Every step; labels that are made take time of their own, which is told apart."""
    steps.time("labels made, no step of ours", lambda: sum(len(c) for c in labels(groups, bins)))
    counts = steps.time("label counts, labels made", lambda: label_counts(labels(groups, bins)))
    similarity = steps.time("Jaccard", lambda: jaccard(counts))
    steps.time("phi", lambda: phi(counts))
    steps.time("correlation of logits, logits made", lambda: correlation(groups, bins))
    steps.time("cosine of weights", lambda: cosine(weights(groups)))
    distance = as_distance(similarity)
    places = steps.time("UMAP, imported and compiled", lambda: map_tasks(distance))
    clusters = steps.time("clusters", lambda: cluster_tasks(distance))
    steps.found["silhouette of groups in the map"] = silhouette_score(places, groups)
    steps.found["adjusted Rand index of clusters"] = adjusted_rand_score(groups, clusters.cluster)


def labels(groups: NDArray[np.int64], bins: int) -> Iterator[NDArray[np.uint8]]:
    """Chunks uint8 (n, tasks)."""
    rng = np.random.default_rng(1)
    for low in range(0, bins, CHUNK):
        n = min(CHUNK, bins - low)
        shared = rng.random((n, groups.max() + 1)) < 0.05
        kept = rng.integers(0, 256, (n, groups.size), np.uint8)
        yield ((shared[:, groups] & (kept < 154)) | (kept == 255)).astype(np.uint8)


def correlation(groups: NDArray[np.int64], bins: int) -> NDArray[np.float32]:
    """Of logits that are labels and noise."""
    rng = np.random.default_rng(2)
    found = PredictionCorrelation()
    for chunk in labels(groups, bins):
        found.update(chunk + rng.standard_normal(chunk.shape, np.float32))
    return found.result()


def weights(groups: NDArray[np.int64]) -> NDArray[np.float32]:
    """Of 512 features."""
    rng = np.random.default_rng(3)
    centres = rng.standard_normal((groups.max() + 1, 512))
    return (centres[groups] + rng.standard_normal((groups.size, 512))).astype(np.float32)


def memory() -> float:
    """The most that this process has held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


if __name__ == "__main__":
    main()
