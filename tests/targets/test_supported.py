"""Replicates combined, beside bedtools: a thousand sets, every policy, every slop at once."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from nucleotides.genome.ranges import Ranges, depth_at_least, merge
from nucleotides.targets.layout import Layout
from nucleotides.targets.merge import SUPPORTS, Skipped, Support, place, supported
from nucleotides.targets.scan import Peaks, scan

N_SETS, LENGTH = 250, 3000
SIZES = {f"c{i}": LENGTH - i for i in range(N_SETS)}
Row = tuple[str, int, int]
needs_bedtools = pytest.mark.skipif(
    shutil.which("bedtools") is None, reason="bedtools is not installed: apt-get install bedtools"
)


def replicates(n: int, seed: int) -> list[list[Row]]:
    """Peaks of n files; each contig is a set of its own, some without a peak in some files."""
    rng = np.random.default_rng([n, seed])
    files = []
    for _ in range(n):
        rows = []
        for name, length in SIZES.items():
            for _ in range(rng.integers(0, 9)):
                start = int(rng.integers(0, length - 1)) // 10 * 10
                width = int(rng.choice([1, 10, 50, 400]))
                rows.append((name, start, min(start + width, length)))
        files.append([rows[i] for i in rng.permutation(len(rows))])
    return files


def bed(rows: list[Row]) -> str:
    return "".join(f"{c}\t{a}\t{b}\n" for c, a, b in rows)


def ours(files: list[list[Row]], slop: int, support: Support) -> list[Row]:
    layout = Layout(SIZES, 200)
    layers = []
    for rows in files:
        peaks = scan(bed(rows).encode())
        assert peaks is not None
        layers.append(place(peaks, layout, Skipped(), slop))
    by_contig = layout.split(supported(layers, support))
    return sorted(
        (name, start, end)
        for name, ranges in zip(SIZES, by_contig, strict=True)
        for start, end in zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True)
    )


def bedtools(*arguments: str, text: str | None = None) -> str:
    command = ["bedtools", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def theirs(files: list[list[Row]], slop: int, support: Support, folder: Path) -> list[Row]:
    genome = folder / "sizes"
    genome.write_text("".join(f"{name}\t{length}\n" for name, length in SIZES.items()))
    paths = []
    for number, rows in enumerate(files):
        wider = bedtools("slop", "-i", "-", "-g", str(genome), "-b", str(slop), text=bed(rows))
        merged = bedtools("merge", "-i", "-", text=bedtools("sort", "-i", "-", text=wider))
        paths.append(folder / f"{number}.bed")
        paths[-1].write_text(merged)
    found = bedtools("multiinter", "-i", *map(str, paths)) if len(files) > 1 else ""
    rows = [line.split("\t") for line in found.splitlines()]
    least = {"union": 1, "majority": len(files) / 2 + 0.5, "all": len(files)}[support]
    kept = [(r[0], int(r[1]), int(r[2])) for r in rows if int(r[3]) >= least]
    text = bed(kept) if len(files) > 1 else paths[0].read_text()
    merged = bedtools("merge", "-i", "-", text=bedtools("sort", "-i", "-", text=text))
    lines = [line.split("\t") for line in merged.splitlines()]
    return sorted((name, int(start), int(end)) for name, start, end in lines)


@needs_bedtools
@pytest.mark.parametrize("support", SUPPORTS)
@pytest.mark.parametrize(("n", "slop"), [(1, 0), (2, 100), (3, 0), (4, 300), (5, 200)])
def test_as_bedtools_does(n: int, slop: int, support: Support, tmp_path: Path) -> None:
    files = replicates(n, seed=0)
    found = ours(files, slop, support)
    assert found == theirs(files, slop, support, tmp_path)
    assert found


@pytest.mark.parametrize("n", [1, 2, 3, 5, 6])
def test_by_counting_bases(n: int) -> None:
    files = replicates(n, seed=1)
    layout = Layout({"c0": LENGTH}, 1)
    depth = np.zeros(LENGTH + 1, int)
    layers = []
    for rows in files:
        first = [row for row in rows if row[0] == "c0"]
        covered = np.zeros(LENGTH + 1, bool)
        for _, start, end in first:
            covered[start:end] = True
        depth += covered
        starts, ends = np.array([row[1:] for row in first], np.int64).reshape(-1, 2).T
        peaks = Peaks(["c0"], np.zeros(starts.size, np.int32), starts, ends)
        layers.append(place(peaks, layout, Skipped()))
    for support, least in (("union", 1), ("majority", n // 2 + 1), ("all", n)):
        (found,) = layout.split(supported(layers, support))  # type: ignore[arg-type]
        edges = np.flatnonzero(np.diff(np.concatenate([[0], depth >= least, [0]]).astype(int)))
        assert found.starts.tolist() == edges[::2].tolist()
        assert found.ends.tolist() == edges[1::2].tolist()


def test_touching_stretches_of_different_support_are_joined() -> None:
    a, b = merge(np.array([0]), np.array([10])), merge(np.array([10]), np.array([20]))
    both = Ranges(np.array([5]), np.array([15]))
    assert [*zip(*depth_at_least([a, b, both], 2), strict=True)] == [(5, 15)]
    assert [*zip(*depth_at_least([a, b], 1), strict=True)] == [(0, 20)]
    assert not depth_at_least([a, b], 2).starts.size
