"""The input of loader.py: one genome, peaks of so many tasks, as files that each loader reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
from common import progress

from nucleotides.data.positions import TrainingPositions
from nucleotides.data.strata import Strata
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Ranges
from nucleotides.targets import TargetStore
from nucleotides.targets.export import training_intervals, write_intervals, write_target_bed

CONTIGS = {"chr1": 20_000_000, "chr2": 20_000_000}
REGIONS = 10_000


def write_input(folder: Path, n_tasks: int) -> None:
    """Write everything below `folder`, unless it is there.

    genome.fa, .fai, .sizes; targets.bed.gz, .tbi (Selene's); intervals.bed; tasks.txt; genome and
    targets, the stores; regions.npz, fixed windows with a dense label matrix, which is what gReLU
    and CREsted want.
    """
    if (folder / "done").exists():
        return
    progress(f"writing the input, {n_tasks:,} tasks")
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    write_genome(folder / "genome.fa", rng)
    genome = GenomeStore.build(folder / "genome.fa", folder / "genome")
    tables = dict(peaks(rng, n_tasks))
    targets = TargetStore.build(tables, genome.contigs, folder / "targets")
    write_target_bed(targets, folder / "targets.bed.gz")
    write_intervals(targets, folder / "intervals.bed")
    (folder / "tasks.txt").write_text("\n".join(tables) + "\n")
    write_regions(folder / "regions.npz", targets, rng)
    (folder / "done").write_text("")


def write_genome(path: Path, rng: np.random.Generator) -> None:
    """Random bases, a sixth in lower case, N at both ends of each contig and in some runs."""
    with path.open("wb") as file:
        for name, length in CONTIGS.items():
            letters = np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, length)]
            for start in rng.integers(0, length - 600, length // 4000):
                letters[start : start + 600] |= 32
            for start in (
                0,
                length - 10_000,
                *rng.integers(0, length - 60_000, length // 1_000_000),
            ):
                letters[start : start + 10_000] = ord("N")
            file.write(f">{name}\n".encode())
            for first in range(0, length, 60):
                file.write(letters[first : first + 60].tobytes() + b"\n")
    pysam.faidx(str(path))
    lines = Path(f"{path}.fai").read_text().splitlines()
    sizes = "".join("\t".join(line.split("\t")[:2]) + "\n" for line in lines)
    Path(f"{path}.sizes").write_text(sizes)


def peaks(rng: np.random.Generator, n_tasks: int) -> list[tuple[str, pd.DataFrame]]:
    """Some 600 peaks a task, in regulatory regions of which some serve many tasks, most few."""
    n_regions = 7000
    contig = rng.integers(0, len(CONTIGS), n_regions)
    place = rng.integers(2000, min(CONTIGS.values()) - 2000, n_regions)
    busy = rng.gamma(0.7, 1.0, n_regions) + 1e-3
    out = []
    for task in range(n_tasks):
        n = max(20, int(rng.lognormal(np.log(600) - 0.32, 0.8)))
        chosen = rng.choice(n_regions, n, p=busy / busy.sum())
        widths = rng.integers(150, (400, 600, 1000)[task % 3], n)
        starts = place[chosen] + rng.normal(0, 180, n).astype(int) - widths // 2
        names = np.array(list(CONTIGS))[contig[chosen]]
        table = pd.DataFrame({"chrom": names, "start": starts, "end": starts + widths})
        out.append((f"task{task:05d}", table))
    return out


def write_regions(path: Path, targets: TargetStore, rng: np.random.Generator) -> None:
    """Centres in the intervals, no two alike, with their labels."""
    contigs, centres = [], []
    for number, ranges in enumerate(training_intervals(targets)):
        row = rng.choice(ranges.starts.size, REGIONS, p=_weights(ranges))
        centres.append(rng.integers(ranges.starts[row], ranges.ends[row]))
        contigs.append(np.full(REGIONS, number))
    at = np.unique(np.stack([np.concatenate(contigs), np.concatenate(centres)], 1), axis=0)
    contig, centre = rng.permutation(at)[:REGIONS].T
    labels = targets.labels_at(contig.copy(), centre.copy())
    np.savez(path, contig=np.array(list(CONTIGS))[contig], centre=centre, labels=labels)


def _weights(ranges: object) -> np.ndarray:
    widths = ranges.ends - ranges.starts  # type: ignore[attr-defined]
    return widths / widths.sum()


def facts(folder: Path) -> dict[str, object]:
    """What is in there."""
    manifest = json.loads((folder / "targets" / "manifest.json").read_text())
    return {"peaks": manifest["n_peaks"], "tasks": manifest["n_tasks"]}


def anywhere(targets: TargetStore) -> TrainingPositions:
    """Training positions uniform over all contigs."""
    layout = targets.layout
    whole = [Ranges(np.array([0]), np.array([n])) for n in layout.lengths]
    return TrainingPositions(Strata.of(layout, [layout.join(whole)], [1.0]))
