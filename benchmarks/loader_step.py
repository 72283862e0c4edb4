"""What the loader costs a training step: steps with it over steps on one resident batch.

DeepSEA's network, batch 64, 1,000 bp, 1,000 tasks, Adam, on the CPU, all cores: a step with a
batch from the loader (codes, one-hot in the step, a thread that makes batches ahead) and a step
on one batch that is already there, in turn; the ratio of each pair, by the clock and by the
processor time of all threads, which other jobs on the machine disturb less.

python benchmarks/loader_step.py --folder SCRATCH [--pairs 15] [--json FILE]
"""

from __future__ import annotations

import itertools
import statistics
import time
from pathlib import Path

import torch
from common import configuration, parser, progress, ranged, report, row
from loader_data import facts, write_input

from nucleotides.data.datamodule import DataModule
from nucleotides.data.make_batches import Batch
from nucleotides.model.encoding import one_hot
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.registry import find_model
from nucleotides.train.allocator import keep_freed_memory

BATCH = 64


def main() -> None:
    """Train, in pairs of steps, print."""
    options = parser(__doc__)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--tasks", type=int, default=1000)
    options.add_argument("--pairs", type=int, default=15)
    arguments = options.parse_args()
    keep_freed_memory()
    folder = arguments.folder / f"tasks{arguments.tasks}"
    write_input(folder, arguments.tasks)
    data = DataModule(
        folder / "genome",
        folder / "targets",
        validation=[],
        test=[],
        batch_size=BATCH,
        samples_per_epoch=10**9,
    )
    loaded = iter(data.train_dataloader())
    resident = itertools.repeat(next(loaded))
    model = find_model("deepsea")(arguments.tasks)
    optimizer = torch.optim.Adam(model.parameters())
    seconds: dict[str, list[float]] = {"with the loader": [], "one resident batch": []}
    worked: dict[str, list[float]] = {name: [] for name in seconds}
    waited: list[float] = []
    for number in range(arguments.pairs + 1):
        progress(f"pair {number} of {arguments.pairs}")
        pair = list(zip(seconds, (loaded, resident), strict=True))
        for name, batches in pair[:: 1 if number % 2 else -1]:
            begin, before = time.perf_counter(), time.process_time()
            batch = next(batches)
            got = time.perf_counter() - begin
            step(model, optimizer, batch)
            if number:  # the first pair warms up
                seconds[name].append(time.perf_counter() - begin)
                worked[name].append(time.process_time() - before)
                if batches is loaded:
                    waited.append(got)
    ratio = [a / b for a, b in zip(*seconds.values(), strict=True)]
    by_processor = [a / b for a, b in zip(*worked.values(), strict=True)]
    share = [w / s for w, s in zip(waited, seconds["with the loader"], strict=True)]
    config = configuration(
        ("numpy", "numba", "torch"),
        **facts(folder),
        batch=BATCH,
        threads=torch.get_num_threads(),
        pairs=arguments.pairs,
        statistic="median (min-max) over pairs of steps",
    )
    values = {
        "step with the loader, s": seconds["with the loader"],
        "step on one resident batch, s": seconds["one resident batch"],
        "with the loader / resident, by the clock": ratio,
        "with the loader / resident, by processor time": by_processor,
        "waiting for the batch / step": share,
    }
    cells = [[name, ranged(found)] for name, found in values.items()]
    rows = [row(name, statistics.median(found), "", config) for name, found in values.items()]
    report(arguments, ["", ""], cells, rows, config)


def step(model: FunctionalModel, optimizer: torch.optim.Optimizer, batch: Batch) -> None:
    """One training step."""
    optimizer.zero_grad()
    loss = model.loss(model(one_hot(batch["codes"])), batch["labels"])
    loss.backward()
    optimizer.step()


if __name__ == "__main__":
    main()
