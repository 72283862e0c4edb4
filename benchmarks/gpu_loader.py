"""The loader on a GPU: stores resident there, batches made by kernels, the CPU idle.

Samples a second of bf16 one-hot (batch, 4, 1000) with packed labels, and of codes with labels; a
DeepSEA training step (bf16 autocast) with the loader over one on a resident batch; memory of the
stores and the time to load them; and whether the batches are those of the CPU, bit for bit.
Without a GPU the same runs on the CPU, a little of it.

python benchmarks/gpu_loader.py --folder SCRATCH [--genome STORE --targets STORE] [--json FILE]
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from common import configuration, parser, progress, ranged, report, row
from loader_data import anywhere, write_input

from nucleotides.data.loader import BatchDataset, BatchLoader, rank_indices
from nucleotides.data.make_batches import Batch, HostSource
from nucleotides.data.make_on_device import DeviceSource, Resident
from nucleotides.genome import GenomeStore
from nucleotides.model.encoding import one_hot
from nucleotides.model.registry import find_model
from nucleotides.targets import TargetStore

LENGTH, BIN, THRESHOLD, SAMPLES = 1000, 200, 0.5, 10**9
BATCHES = (64, 512, 4096)


def main() -> None:
    """Load, compare with the CPU, measure, print."""
    options = parser(__doc__)
    options.add_argument("--folder", type=Path, required=True, help="scratch for the input")
    options.add_argument("--genome", type=Path, help="another genome store")
    options.add_argument("--targets", type=Path, help="another target store")
    options.add_argument("--tasks", type=int, default=1000, help="of the generated input")
    options.add_argument("--seconds", type=float, default=0.5)
    options.add_argument("--rounds", type=int, default=5)
    arguments = options.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu":
        torch.set_num_threads(1)
    genome, targets = open_stores(arguments)
    place = anywhere(targets).draw
    begin = time.perf_counter()
    resident = Resident(genome, targets, BIN, THRESHOLD, device)
    wait(device)
    loading = time.perf_counter() - begin
    same = compare(genome, targets, resident, place)
    config = configuration(
        ("numpy", "torch"),
        device=torch.cuda.get_device_name() if device.type == "cuda" else "cpu (no GPU at hand)",
        tasks=len(targets.tasks),
        peaks=targets.n_peaks,
        genome=int(genome.lengths.sum()),
        checked=f"{same:,} samples equal those of the CPU path, bit for bit",
        statistic="median (min-max) over rounds",
    )
    stores = Resident.bytes_needed(genome, targets, BIN, THRESHOLD) / 1e9
    values: dict[str, list[float]] = {"loading the stores, s": [loading], "stores, GB": [stores]}
    for batch in BATCHES if device.type == "cuda" else BATCHES[:2]:
        progress(f"batch {batch}")
        values |= rates(resident, place, batch, arguments)
    values |= steps(resident, place, arguments)
    cells = [[f"{device.type}: {name}", ranged(found)] for name, found in values.items()]
    rows = [
        row(f"{device.type}: {name}", statistics.median(found), name.split(", ")[-1], config)
        for name, found in values.items()
    ]
    report(arguments, ["", ""], cells, rows, config)


def open_stores(arguments: Any) -> tuple[GenomeStore, TargetStore]:
    """Those that were given, or generated ones."""
    if arguments.genome and arguments.targets:
        return GenomeStore.open(arguments.genome), TargetStore.open(arguments.targets)
    folder = arguments.folder / f"tasks{arguments.tasks}"
    write_input(folder, arguments.tasks)
    return GenomeStore.open(folder / "genome"), TargetStore.open(folder / "targets")


def loader(source: Any, batch: int) -> BatchLoader:
    """Batches without end."""
    indices = rank_indices(batch, 0, 1, SAMPLES)
    return BatchLoader(BatchDataset(source, indices, SAMPLES // batch, batch))


def compare(genome: GenomeStore, targets: TargetStore, resident: Resident, place: Any) -> int:
    """Assert that both paths give the same bytes; how many samples were compared."""
    rule = {"sequence_length": LENGTH, "bin": BIN, "threshold": THRESHOLD}
    host = iter(loader(HostSource(genome, targets, place, **rule), 512))
    there = iter(loader(DeviceSource(resident, place, LENGTH), 512))
    for _ in range(20):
        a, b = next(host), next(there)
        assert all(torch.equal(a[key], b[key].cpu()) for key in a)
    return 20 * 512


def rates(resident: Resident, place: Any, batch: int, arguments: Any) -> dict[str, list[float]]:
    """Samples a second of what a training step is given."""
    bits = iter(loader(DeviceSource(resident, place, LENGTH, packed=True), batch))
    codes = iter(loader(DeviceSource(resident, place, LENGTH), batch))

    def encoded() -> Any:
        made = next(bits)
        return one_hot(made["codes"], torch.bfloat16), made["packed"]

    kinds: dict[str, Callable[[], Any]] = {
        "bf16 one-hot and packed labels": encoded,
        "codes and labels": lambda: next(codes),
    }
    out: dict[str, list[float]] = {}
    for kind, call in kinds.items():
        name = f"batch {batch}: {kind}, samples/s"
        call()
        out[name] = []
        for _ in range(arguments.rounds):
            wait(resident.device)
            n, begin = 0, time.perf_counter()
            while time.perf_counter() - begin < arguments.seconds:
                call()
                n += batch
            wait(resident.device)
            out[name].append(n / (time.perf_counter() - begin))
    return out


def steps(resident: Resident, place: Any, arguments: Any) -> dict[str, list[float]]:
    """Time of ten DeepSEA steps with the loader over ten on a resident batch, pair by pair."""
    device = resident.device
    batches = iter(
        loader(DeviceSource(resident, place, LENGTH), 512 if device.type == "cuda" else 8)
    )
    model = find_model("deepsea")(resident.labels.n_tasks).to(device)
    optimizer = torch.optim.Adam(model.parameters())
    kept = next(batches)

    def step(batch: Batch) -> None:
        optimizer.zero_grad()
        with torch.autocast(device.type, torch.bfloat16):
            logits = model(one_hot(batch["codes"]))
        model.loss(logits.float(), batch["labels"]).backward()
        optimizer.step()

    def timed(take: Callable[[], Batch]) -> float:
        wait(device)
        begin = time.perf_counter()
        for _ in range(10 if device.type == "cuda" else 1):
            step(take())
        wait(device)
        return time.perf_counter() - begin

    step(kept)
    pairs = [(timed(lambda: next(batches)), timed(lambda: kept)) for _ in range(arguments.rounds)]
    return {"DeepSEA steps, with the loader over resident, ratio": [a / b for a, b in pairs]}


def wait(device: torch.device) -> None:
    """Until the device has done all."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    main()
