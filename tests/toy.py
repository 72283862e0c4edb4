"""Toy genomes, peaks and stores with known answers, for tests everywhere.

Everything is made from an integer seed; the functions that write return what they wrote.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pysam
import pytest

from nucleotides.files import replacing
from nucleotides.genome import GenomeStore
from nucleotides.metrics.monotone import Calibration, Curve
from nucleotides.targets import TargetStore
from nucleotides.targets.export import write_intervals

Packing = Literal["plain", "gzip", "bgzip"]

LETTERS = "ACGT"
AMBIGUOUS = "NRYSWKMBDHVXnryswkmbdhvx"
CONTIGS = {"chr1": 6000, "chr2": 4000, "chrTiny": 7, "chr3_alt": 2500}
"""Contigs of the toy genome and their lengths."""


def sequence(length: int, seed: int = 0) -> str:
    """Random bases, A C G T alike."""
    return "".join(np.random.default_rng(seed).choice(list(LETTERS), length))


def odd_sequence(length: int, seed: int = 0) -> str:
    """Random bases with all that a real FASTA has: lower case, runs of N, IUPAC letters."""
    rng = np.random.default_rng(seed)
    letters = rng.choice(list(LETTERS), length)
    masked = slice(length // 4, length // 2)
    letters[masked] = np.char.lower(letters[masked])
    for _ in range(length // 500 + 1):
        start = rng.integers(length)
        letters[start : start + rng.integers(1, 120)] = rng.choice(["N", "n"])
    some = rng.integers(0, length, length // 100)
    letters[some] = rng.choice(list(AMBIGUOUS), some.size)
    return "".join(letters)


def genome(seed: int = 0) -> dict[str, str]:
    """{contig: sequence} of the toy genome, with lower case, N and IUPAC letters."""
    return {name: odd_sequence(n, seed + i) for i, (name, n) in enumerate(CONTIGS.items())}


def lines(tasks: list[str], slopes: list[float], offsets: list[float]) -> Calibration:
    """The calibration that takes each task's logits along a line."""
    curves = [
        Curve(slope, np.zeros(1), np.array([float(offset)]))
        for slope, offset in zip(slopes, offsets, strict=True)
    ]
    return Calibration.of(curves, tasks)


def fasta_text(contigs: Mapping[str, str], *, width: int = 60, newline: str = "\n") -> str:
    """FASTA text with lines of `width` bases; headers have a description after the name."""
    lines = []
    for name, bases in contigs.items():
        lines.append(f">{name} a toy contig")
        lines += [bases[i : i + width] for i in range(0, len(bases), width)]
    return newline.join([*lines, ""])


def write_packed(path: Path, content: bytes, packing: Packing = "plain") -> Path:
    """Write bytes, plain, gzipped or bgzipped (the same bytes each time); return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if packing == "bgzip":
        with pysam.BGZFile(str(path), "wb") as file:
            file.write(content)
    else:
        path.write_bytes(gzip.compress(content, mtime=0) if packing == "gzip" else content)
    return path


def write_fasta(
    path: Path,
    contigs: Mapping[str, str] | None = None,
    *,
    packing: Packing = "plain",
    width: int = 60,
    newline: str = "\n",
) -> Path:
    """Write a FASTA, of the toy genome unless other contigs are given; return its path."""
    text = fasta_text(genome() if contigs is None else contigs, width=width, newline=newline)
    return write_packed(path, text.encode(), packing)


def peaks(
    seed: int,
    contigs: Mapping[str, int] | None = None,
    *,
    n: int = 40,
    widest: int = 300,
) -> pd.DataFrame:
    """Random peaks (chrom, start, end), unsorted: many overlap, touch, nest or end a contig."""
    rng = np.random.default_rng(seed)
    contigs = CONTIGS if contigs is None else contigs
    names, lengths = np.array(list(contigs)), np.array(list(contigs.values()))
    which = rng.integers(0, names.size, n)
    starts = (rng.random(n) * lengths[which]).astype(int)
    ends = np.minimum(starts + rng.integers(1, widest + 1, n), lengths[which])
    # Every fourth touches the end of the one before, every fifth lies within it.
    for i in range(4, n, 4):
        if ends[i - 1] < lengths[which[i - 1]]:
            which[i], starts[i] = which[i - 1], ends[i - 1]
            ends[i] = min(starts[i] + 1 + i % widest, lengths[which[i]])
    for i in range(5, n, 5):
        which[i], starts[i], ends[i] = (
            which[i - 1],
            starts[i - 1],
            (starts[i - 1] + ends[i - 1]) // 2,
        )
        ends[i] = max(ends[i], starts[i] + 1)
    # One from the first base and one to the last of the longest contig.
    longest = int(np.argmax(lengths))
    which[:2], starts[0], ends[1] = longest, 0, lengths[longest]
    ends[0], starts[1] = min(widest, lengths[longest]), max(lengths[longest] - widest, 0)
    table = pd.DataFrame({"chrom": names[which], "start": starts, "end": ends})
    return table.sample(frac=1, random_state=seed).reset_index(drop=True)


def bed_text(table: pd.DataFrame, extra: str = "") -> str:
    """Peaks as the text of a bed; `extra` is appended to each line."""
    rows = zip(table["chrom"], table["start"], table["end"], strict=True)
    return "".join(f"{chrom}\t{start}\t{end}{extra}\n" for chrom, start, end in rows)


def write_peaks(path: Path, table: pd.DataFrame, packing: Packing = "plain") -> Path:
    """Write peaks as a bed, narrowPeak or broadPeak, as the name says; return the path."""
    columns = {".narrowPeak": 7, ".broadPeak": 6}
    extra = "\t." * columns.get(Path(path.name.removesuffix(".gz")).suffix, 0)
    return write_packed(path, bed_text(table, extra).encode(), packing)


def genome_store(folder: Path, contigs: Mapping[str, str] | None = None) -> GenomeStore:
    """Write a FASTA (of the toy genome by default) below `folder` and make its store."""
    return GenomeStore.build(write_fasta(folder / "toy.fa", contigs), folder / "genome")


def target_store(
    folder: Path, genome: GenomeStore, n_tasks: int = 5, **options: int
) -> TargetStore:
    """A store of tasks t0, t1... with random peaks on the contigs of `genome`."""
    tables = {f"t{i}": peaks(i, genome.contigs, n=30) for i in range(n_tasks)}
    facts = pd.DataFrame(
        {
            "task": list(tables),
            "assay": ["DNase-seq" if i == 0 else "TF ChIP-seq" for i in range(n_tasks)],
            "target": ["" if i == 0 else f"TF{i}" for i in range(n_tasks)],
            "biosample": "toy",
        }
    )
    return TargetStore.build(tables, genome.contigs, folder / "targets", table=facts, **options)


def stores(
    folder: Path, contigs: Mapping[str, str] | None = None, **options: int
) -> dict[str, str]:
    """A genome store, a target store and a bed of intervals, as arguments of `DataModule`."""
    genome = genome_store(folder, contigs)
    targets = target_store(folder, genome, **options)
    write_intervals(targets, folder / "intervals.bed")
    return {"genome": str(genome.path), "targets": str(targets.path)}


def inputs(folder: Path, seed: int = 0, n_tasks: int = 3) -> dict[str, Path]:
    """What `nucleotides pre-process` reads: a FASTA and a folder of peak files."""
    fasta = write_fasta(folder / "toy.fa.gz", genome(seed), packing="gzip")
    suffixes = [".bed", ".narrowPeak.gz", ".broadPeak"]
    for i in range(n_tasks):
        suffix = suffixes[i % len(suffixes)]
        packing: Packing = "gzip" if suffix.endswith(".gz") else "plain"
        write_peaks(folder / "peaks" / f"task{i}{suffix}", peaks(seed + i), packing)
    (folder / "peaks" / "tasks.tsv").write_text(
        "file\tassay\ttarget\tbiosample\ntask0.bed\tDNase-seq\t\ttoy\n"
    )
    return {"fasta": fasta, "peaks": folder / "peaks"}


def replace_once(patch: pytest.MonkeyPatch, module: object, name: str, one: Path, by: Path) -> None:
    """Have a folder replaced as the function of that name is called for the first time."""
    function = getattr(module, name)

    def replace(*arguments: object, **options: object) -> object:
        patch.setattr(module, name, function)
        with replacing(one) as folder:
            shutil.copytree(by, folder)
        return function(*arguments, **options)

    patch.setattr(module, name, replace)


def listing(folder: Path) -> dict[str, bytes]:
    """{path below `folder`: content} of all files, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def assert_as_expected(counts: np.ndarray, expected: np.ndarray) -> None:
    """Pearson's chi-square of counts is within five standard deviations of its mean."""
    statistic = float(((counts - expected) ** 2 / expected).sum())
    freedom = counts.size - 1
    assert abs(statistic / freedom - 1) < 5 * np.sqrt(2 / freedom), statistic
