"""Exact labels and windows by the batch, beside a plain loop and beside copying memory.

Peaks of 1,000 tasks are generated on a genome of 50 Mb at the density of the demo's experiments;
batches are at positions drawn anew each time, so what is looked up is rarely in a cache. Each
kind of work takes turns with the others, round by round:

- labels: TargetStore.labels_at; windows: GenomeStore.windows, half of them on the other strand;
  both; both as float32 (one-hot by nucleotides.model.encoding, labels by .float());
- naive loop: sample by sample and task by task, bisecting the peaks and counting covered bases;
  windows base by base from the letters;
- copying: arrays of the very sizes that "both" and "both as float32" fill, copied.

Labels are checked against the naive rule on a sample. One thread.

python benchmarks/labels.py [--tasks 1000] [--seconds 0.3] [--rounds 7] [--json FILE]
"""

from __future__ import annotations

import statistics
import tempfile
import time
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from common import Row, configuration, parser, progress, ranged, report, row
from numpy.typing import NDArray

from nucleotides.genome import GenomeStore
from nucleotides.model.encoding import one_hot
from nucleotides.targets import TargetStore

CONTIGS = {"chrA": 25_000_000, "chrB": 25_000_000}
PER_MB, LENGTH, BIN, BATCHES = 30, 1000, 200, (64, 512)
CHECKED, NAIVE = 100, 16  # samples compared; samples a call of the naive loop
COMPLEMENT = dict(zip("ACGTN", "TGCAN", strict=True))
COLUMN = {"A": 0, "C": 1, "G": 2, "T": 3}
NEEDED = 100  # bases of 200, at the threshold 0.5
Draw = Callable[[], tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]
Kinds = dict[str, tuple[Callable[[], Any], int]]  # a call, and how many samples it does


class Inputs(NamedTuple):
    """Both stores, and the same things as a plain loop would hold them."""

    genome: GenomeStore
    targets: TargetStore
    letters: list[str]
    peaks: list[list[tuple[list[int], list[int]]]]


def main() -> None:
    """Build, check, measure in turn, print."""
    options = parser(__doc__)
    options.add_argument("--tasks", type=int, default=1000)
    options.add_argument("--seconds", type=float, default=0.3, help="of each turn, at least")
    options.add_argument("--rounds", type=int, default=7)
    arguments = options.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        inputs = build(Path(folder), arguments.tasks, rng)
        checked = check(inputs, drawer(rng, CHECKED)())
        config = configuration(
            ("numpy", "numba", "torch"),
            tasks=arguments.tasks,
            peaks=inputs.targets.n_peaks,
            genome=sum(CONTIGS.values()),
            window=LENGTH,
            bin=BIN,
            threads=1,
            rounds=arguments.rounds,
            statistic="median (min-max) over rounds; ratio to copying round by round",
            checked=f"{checked:,} labels of {CHECKED} samples equal the naive rule",
        )
        rows: list[Row] = []
        cells: list[list[Any]] = []
        for batch in BATCHES:
            kinds = work(inputs, drawer(rng, batch), batch)
            kinds["naive loop"] = naive(inputs, drawer(rng, NAIVE)), NAIVE
            rates = measure(kinds, batch, arguments)
            cells += lines(batch, rates)
            rows += as_rows(batch, rates, config)
    head = ["", "samples/s", "of copying the same"]
    report(arguments, head, cells, rows, config)


def measure(kinds: Kinds, batch: int, arguments: Any) -> dict[str, list[float]]:
    """Samples per second of each kind of work, a value a round."""
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    for call, _ in kinds.values():
        call()
    for number in range(arguments.rounds):
        progress(f"batch {batch}, round {number + 1} of {arguments.rounds}")
        for kind, (call, samples) in kinds.items():
            done, begin = 0, time.perf_counter()
            while time.perf_counter() - begin < arguments.seconds:
                call()
                done += samples
            rates[kind].append(done / (time.perf_counter() - begin))
    return rates


def work(inputs: Inputs, draw: Draw, batch: int) -> Kinds:
    """The kinds of work, a batch a call."""
    genome, targets = inputs.genome, inputs.targets
    n_tasks = len(targets.tasks)

    def labels() -> Any:
        contigs, centres, _ = draw()
        return targets.labels_at(contigs, centres, BIN)

    def windows() -> Any:
        contigs, centres, reverse = draw()
        return genome.windows(contigs, centres - LENGTH // 2, LENGTH, reverse)

    def both() -> Any:
        contigs, centres, reverse = draw()
        codes = genome.windows(contigs, centres - LENGTH // 2, LENGTH, reverse)
        return codes, targets.labels_at(contigs, centres, BIN)

    def as_float32() -> Any:
        codes, hits = both()
        return one_hot(torch.from_numpy(codes)), torch.from_numpy(hits).float()

    small = [np.ones((batch, LENGTH), np.uint8), np.ones((batch, n_tasks), np.uint8)]
    large = [np.ones((batch, 4, LENGTH), np.float32), np.ones((batch, n_tasks), np.float32)]
    calls = {
        "labels": labels,
        "windows": windows,
        "both": both,
        "both as float32": as_float32,
        "copying both": lambda: [array.copy() for array in small],
        "copying both as float32": lambda: [array.copy() for array in large],
    }
    return {kind: (call, batch) for kind, call in calls.items()}


# --- the naive rule


def naive(inputs: Inputs, draw: Draw) -> Callable[[], Any]:
    """Windows and labels by plain loops."""

    def call() -> Any:
        at = draw()
        return naive_windows(inputs, at), naive_labels(inputs, at)

    return call


def naive_labels(inputs: Inputs, at: tuple[NDArray[Any], ...]) -> NDArray[np.uint8]:
    """Sample by sample, task by task: are at least 100 of 200 bases covered?"""
    contigs, centres = at[0].tolist(), at[1].tolist()
    out = np.zeros((len(centres), len(inputs.peaks)), np.uint8)
    for i, (contig, centre) in enumerate(zip(contigs, centres, strict=True)):
        low, high = centre - BIN // 2, centre + BIN // 2
        for j, by_contig in enumerate(inputs.peaks):
            starts, ends = by_contig[contig]
            covered, k = 0, bisect_right(ends, low)
            while k < len(starts) and starts[k] < high:
                covered += min(ends[k], high) - max(starts[k], low)
                k += 1
            out[i, j] = covered >= NEEDED
    return out


def naive_windows(inputs: Inputs, at: tuple[NDArray[Any], ...]) -> NDArray[np.float32]:
    """Sample by sample, letter by letter."""
    out = np.zeros((len(at[0]), 4, LENGTH), np.float32)
    for i, (contig, centre, reverse) in enumerate(zip(*(a.tolist() for a in at), strict=True)):
        window = inputs.letters[contig][centre - LENGTH // 2 : centre + LENGTH // 2]
        if reverse:
            window = "".join(COMPLEMENT[letter] for letter in reversed(window))
        for position, letter in enumerate(window):
            out[i, COLUMN[letter], position] = 1
    return out


def check(inputs: Inputs, at: tuple[NDArray[Any], ...]) -> int:
    """Assert that the stores answer as the naive rule does; the number of labels compared."""
    contigs, centres, reverse = at
    expected = naive_labels(inputs, at)
    np.testing.assert_array_equal(inputs.targets.labels_at(contigs, centres, BIN), expected)
    codes = inputs.genome.windows(contigs, centres - LENGTH // 2, LENGTH, reverse)
    encoded = one_hot(torch.from_numpy(codes)).numpy()
    np.testing.assert_array_equal(encoded, naive_windows(inputs, at))
    assert 0 < expected.mean() < 1
    return expected.size


# --- inputs


def build(folder: Path, n_tasks: int, rng: np.random.Generator) -> Inputs:
    """A random genome, and peaks of 150 to 800 bp anywhere on it, some overlapping."""
    progress("building stores")
    letters = ["".join(rng.choice(list("ACGT"), length)) for length in CONTIGS.values()]
    fasta = folder / "genome.fa"
    fasta.write_text(
        "".join(f">{name}\n{text}\n" for name, text in zip(CONTIGS, letters, strict=True))
    )
    genome = GenomeStore.build(fasta, folder / "genome")
    tables = {f"task{i}": random_peaks(rng) for i in range(n_tasks)}
    targets = TargetStore.build(tables, genome.contigs, folder / "targets")
    merged = [
        [(r.starts.tolist(), r.ends.tolist()) for r in targets.peaks_by_contig(task)]
        for task in targets.tasks["task"]
    ]
    return Inputs(genome, targets, letters, merged)


def random_peaks(rng: np.random.Generator) -> pd.DataFrame:
    """One task's peaks."""
    tables = []
    for name, length in CONTIGS.items():
        n = PER_MB * length // 1_000_000
        starts = rng.integers(0, length - 1000, n)
        ends = starts + rng.integers(150, 800, n)
        tables.append(pd.DataFrame({"chrom": name, "start": starts, "end": ends}))
    return pd.concat(tables).astype({"chrom": "category"})


def drawer(rng: np.random.Generator, batch: int) -> Draw:
    """A function that draws contigs, centres and strands of a batch."""
    length = min(CONTIGS.values())

    def draw() -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        contigs = rng.integers(0, len(CONTIGS), batch)
        return contigs, rng.integers(LENGTH, length - LENGTH, batch), rng.random(batch) < 0.5

    return draw


# --- what is printed and written


def lines(batch: int, rates: dict[str, list[float]]) -> list[list[Any]]:
    """A line a kind of work; where the same was copied, how its rate compares."""
    out = []
    for kind, values in rates.items():
        copied = rates.get(f"copying {kind}")
        share = [a / b for a, b in zip(values, copied, strict=True)] if copied else None
        out.append([f"batch {batch}: {kind}", ranged(values), ranged(share) if share else ""])
    return out


def as_rows(batch: int, rates: dict[str, list[float]], config: dict[str, Any]) -> list[Row]:
    """Samples per second, and the gain over the naive loop."""
    own = {**config, "batch": batch}
    out = [
        row(f"batch {batch}: {kind}", statistics.median(values), "samples/s", own)
        for kind, values in rates.items()
    ]
    naive = rates["naive loop"]
    gain = [a / b for a, b in zip(rates["both as float32"], naive, strict=True)]
    name = f"batch {batch}: both as float32 / naive loop"
    return [*out, row(name, statistics.median(gain), "ratio", own)]


if __name__ == "__main__":
    main()
