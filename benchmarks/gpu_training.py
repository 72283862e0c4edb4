"""Training on a GPU: samples a second in bf16, eager and compiled, and what the data cost.

DeepSEA, Basset and the small Enformer as their recipes have them, AdamW, bf16 autocast (float32 on
a CPU), batches from the loader with the stores on the device if they fit. Rounds of steps with the
loader and of steps on one resident batch, in turns; the share of the step spent waiting for data
is what the loader adds. Utilisation is nvidia-smi's, sampled during the rounds with the loader.
Without a GPU the same runs, a little of it, and says so.

python benchmarks/gpu_training.py [--genome STORE --targets STORE] [--models NAME...] ...
(without stores, on the demo's)
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import demo_data
import torch
import yaml
from common import configuration, parser, progress, ranged, report, row

from nucleotides.data.datamodule import DataModule
from nucleotides.data.make_batches import Batch
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.registry import find_model

RECIPES = Path(__file__).parents[1] / "recipes"
MODELS = {"deepsea": 1024, "basset": 1024, "enformer": 256}  # batch on a GPU
HEAD = ["", "samples/s", "on one resident batch", "waiting for data", "GPU busy", "memory, GB"]
QUERY = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
_TINY = 8  # batch without a GPU


def main() -> None:
    """Measure each network, eager and compiled; print."""
    options = parser(__doc__)
    options.add_argument("--genome", type=Path)
    options.add_argument("--targets", type=Path)
    options.add_argument("--models", nargs="+", default=list(MODELS))
    options.add_argument("--steps", type=int, default=30, help="of a round")
    options.add_argument("--rounds", type=int, default=5)
    arguments = options.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    config = configuration(
        ("torch",),
        device=torch.cuda.get_device_name() if device.type == "cuda" else "cpu (no GPU at hand)",
        precision="bf16 autocast" if device.type == "cuda" else "float32",
        batch={name: MODELS[name] if device.type == "cuda" else _TINY for name in MODELS},
        statistic=f"median (min-max) over {arguments.rounds} rounds of {arguments.steps} steps",
    )
    cells, rows = [], []
    with tempfile.TemporaryDirectory() as name:
        if arguments.genome is None:
            demo_data.build_stores(Path(name))
            arguments.genome, arguments.targets = Path(name) / "genome", Path(name) / "targets"
        for model, compiled in itertools.product(arguments.models, (False, True)):
            label = f"{model}, {'compiled' if compiled else 'eager'}"
            progress(label)
            found = measure(model, compiled, device, arguments)
            cells.append([label, *(ranged(values) if values else "" for values in found.values())])
            for what, values in found.items():
                rows += [row(f"{label}: {what}", x, "", config) for x in values]
    report(arguments, HEAD, cells, rows, config)


def measure(
    name: str, compiled: bool, device: torch.device, arguments: Any
) -> dict[str, list[float]]:
    """Samples a second with the loader and without, and what else HEAD names."""
    chosen = yaml.safe_load((RECIPES / f"{name}.yaml").read_text())
    size = MODELS[name] if device.type == "cuda" else _TINY
    data = DataModule(
        arguments.genome,
        arguments.targets,
        validation=[],
        test=[],
        sequence_length=chosen.get("sequence_length", 1000),
        batch_size=size,
        samples_per_epoch=10**9,
        data_device="auto" if device.type == "cuda" else "cpu",
    )
    model = find_model(name)(len(data.tasks), data.sequence_length, **chosen.get("model", {}))
    model = model.to(device).train()
    if compiled:
        model.compile()
    step = Step(model, device)
    loaded = iter(data.train_dataloader())
    resident = itertools.repeat(step.moved(next(loaded)))
    for batches in (loaded, resident):  # warm up, compile
        round_of(step, batches, 3)
    with_loader, alone, busy = [], [], []
    for _ in range(arguments.rounds):
        with utilisation(device) as seen:
            with_loader.append(size * arguments.steps / round_of(step, loaded, arguments.steps))
        alone.append(size * arguments.steps / round_of(step, resident, arguments.steps))
        busy += seen
    waiting = [1 - a / b for a, b in zip(with_loader, alone, strict=True)]
    memory = [torch.cuda.max_memory_allocated() / 1e9] if device.type == "cuda" else []
    values = (with_loader, alone, waiting, busy, memory)
    return dict(zip(HEAD[1:], values, strict=True))


class Step:
    """A training step: forward and backward in bf16, AdamW."""

    def __init__(self, model: FunctionalModel, device: torch.device) -> None:
        self.model, self.device = model, device
        self.optimizer = torch.optim.AdamW(model.parameters(), fused=device.type == "cuda")

    def moved(self, batch: Batch) -> Batch:
        """A batch on the device."""
        return {key: value.to(self.device, non_blocking=True) for key, value in batch.items()}

    def __call__(self, batch: Batch) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, torch.bfloat16, self.device.type == "cuda"):
            loss = self.model.batch_loss(self.moved(batch))
        loss.backward()
        self.optimizer.step()


def round_of(step: Step, batches: Iterator[Batch], steps: int) -> float:
    """Seconds of so many steps, all of them finished."""
    begin = time.perf_counter()
    for batch in itertools.islice(batches, steps):
        step(batch)
    if step.device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begin


class utilisation:  # noqa: N801 (read as a word)
    """Per cent of the time in which the GPU had work, sampled while the block runs."""

    def __init__(self, device: torch.device) -> None:
        self.seen: list[float] = []
        self.there = device.type == "cuda" and shutil.which(QUERY[0]) is not None
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._sample)

    def _sample(self) -> None:
        while not self.done.wait(0.2):
            told = subprocess.run(QUERY, capture_output=True, text=True, check=False)
            if told.returncode == 0:
                self.seen.append(float(told.stdout.split()[0]))

    def __enter__(self) -> list[float]:
        if self.there:
            self.thread.start()
        return self.seen

    def __exit__(self, *_: object) -> None:
        self.done.set()
        if self.there:
            self.thread.join()


if __name__ == "__main__":
    main()
