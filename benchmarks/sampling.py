"""How near background windows come to those of the intervals, and how fast places are drawn.

python benchmarks/sampling.py [--json FILE] [--markdown FILE]

On the demo's data: total variation distances to windows of the intervals, of GC content (bins of
2 %) and of CpG frequency (20 quantile bins of the intervals); 100,000 draws each.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from common import configuration, parser, progress, report, row
from demo_data import TEST, VALIDATION, WINDOW, build_stores
from numpy.typing import NDArray

from nucleotides.data.mixture import parse_sampling
from nucleotides.data.open_plan import open_plan
from nucleotides.data.plan import SamplePlan

DRAWS, TIMED = 100_000, 1_000_000
SOURCES = ("intervals", "uniform", "gc", "dinucleotide", "tasks")


def main() -> None:
    """Print a row a source."""
    arguments = parser(__doc__).parse_args()
    config = configuration(("numpy", "numba"), draws=DRAWS, data="demo")
    rows, cells = [], []
    with tempfile.TemporaryDirectory() as folder:
        build_stores(Path(folder))
        wanted = composition(plan_of(Path(folder), "intervals"), epoch=1)
        for source in SOURCES:
            progress(source)
            begin = time.perf_counter()
            plan = plan_of(Path(folder), source)
            plan.training_positions().draw(0, np.arange(9))
            ready = time.perf_counter() - begin
            found = composition(plan, epoch=0)
            gc = distance(found[0], wanted[0], np.arange(0, 1.01, 0.02))
            cpg = distance(found[1], wanted[1], quantile_edges(wanted[1]))
            rate = draws_a_second(plan)
            cells.append((source, gc, cpg, ready, rate))
            rows += [
                row(f"{source}, GC content", gc, "total variation", config),
                row(f"{source}, CpG", cpg, "total variation", config),
                row(f"{source}, ready", ready, "s", config),
                row(f"{source}, draws", rate, "1/s", config),
            ]
    head = ["source", "GC content", "CpG", "ready (s)", "draws a second"]
    report(arguments, head, cells, rows, config)


def plan_of(folder: Path, source: str) -> SamplePlan:
    """The demo's split, sampled from one source."""
    return open_plan(
        folder / "genome",
        folder / "targets",
        sampling=parse_sampling(source),
        validation=VALIDATION,
        test=TEST,
    )


def composition(plan: SamplePlan, epoch: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """GC content and CpG frequency of windows drawn: (DRAWS,) each."""
    at = plan.training_positions().draw(epoch, np.arange(DRAWS))
    codes = plan.genome.windows(at.contigs, at.centres - WINDOW // 2, WINDOW)
    gc = ((codes == 1) | (codes == 2)).mean(1)
    return gc, ((codes[:, :-1] == 1) & (codes[:, 1:] == 2)).mean(1)


def quantile_edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of 20 bins that hold as many values each, without end on either side."""
    edges = np.unique(np.quantile(values, np.arange(1, 20) / 20))
    return np.concatenate([[-1], edges, [2]])


def distance(a: NDArray[np.float64], b: NDArray[np.float64], edges: NDArray[np.float64]) -> float:
    """Total variation distance, in bins."""
    shares = [np.histogram(x, edges)[0] / x.size for x in (a, b)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def draws_a_second(plan: SamplePlan) -> float:
    """On one core."""
    positions = plan.training_positions()
    begin = time.perf_counter()
    positions.draw(0, np.arange(TIMED))
    return TIMED / (time.perf_counter() - begin)


if __name__ == "__main__":
    main()
