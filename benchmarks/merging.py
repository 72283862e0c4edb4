"""Replicates merged as bedtools merges them: on real, genome-wide ENCODE files.

Needs a folder of peak files (--peaks, by default the 39 of ../shared/data/peaks/GRCh38) and
bedtools (apt-get install bedtools). Every file alone with slop 0, 100, 200 and 300, and every run
of 2 to 5 neighbouring files as if they were replicates, by each policy (union, majority, all):
`bedtools slop`, `merge` and `multiinter` must give the same intervals as `place` and `supported`.

python benchmarks/merging.py [--peaks FOLDER] [--json FILE]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import configuration, parser, progress, report, row

from nucleotides.genome.ranges import Ranges
from nucleotides.targets.layout import Layout
from nucleotides.targets.merge import SUPPORTS, Skipped, place, supported
from nucleotides.targets.peaks import read_columns

SHARED = Path(__file__).parents[2] / "shared" / "data"
SLOPS, GROUPS = (0, 100, 200, 300), (2, 3, 4, 5)


def main() -> None:
    """Compare, count, time, print."""
    options = parser(__doc__)
    options.add_argument("--peaks", type=Path, default=SHARED / "peaks" / "GRCh38")
    options.add_argument("--sizes", type=Path, default=SHARED / "genome" / "hg38.chrom.sizes")
    arguments = options.parse_args()
    files = sorted(arguments.peaks.glob("*.bed.gz"))
    if not files:
        sys.exit(f"no peak files (*.bed.gz) in {arguments.peaks}: give --peaks FOLDER")
    sizes = sizes_of(arguments.sizes, files)
    with tempfile.TemporaryDirectory() as folder:
        found = compare(files, sizes, Path(folder))
    cells = [list(line.values()) for line in found]
    rows = [
        row(f"{line['what']}: {key}", line[key], unit, {})
        for line in found
        for key, unit in (("differing", "intervals"), ("of bedtools", "ratio"))
    ]
    config = configuration(("numpy", "numba"), files=len(files), bedtools=bedtools_version())
    rows = [{**one, "config": config} for one in rows]
    head = ["", "sets", "intervals", "differing", "s", "bedtools, s", "of bedtools"]
    report(arguments, head, cells, rows, config)
    sys.exit(any(line["differing"] for line in found))


def compare(files: list[Path], sizes: dict[str, int], folder: Path) -> list[dict[str, Any]]:
    """A line a kind of comparison."""
    genome = folder / "sizes"
    genome.write_text("".join(f"{name}\t{length}\n" for name, length in sizes.items()))
    layout = Layout(sizes, 200)
    out = []
    for slop in SLOPS:
        tally = Tally(f"each file, slop {slop}")
        for number, path in enumerate(files):
            ours = tally.ours(lambda path=path, slop=slop: one(path, layout, slop))
            merged = folder / f"{slop}.{number}.bed"
            tally.theirs(lambda p=path, s=slop, m=merged: bedtools_one(p, s, genome, m))
            tally.check(ours, merged, layout)
        out.append(tally.line())
        progress(str(out[-1]))
    for support in SUPPORTS:
        tally = Tally(f"2 to 5 files, {support}")
        for size in GROUPS:
            for first in range(0, len(files) - size + 1, size):
                group = range(first, first + size)
                layers = [one(files[i], layout, 0) for i in group]
                ours = tally.ours(lambda layers=layers, s=support: supported(layers, s))
                beds = [folder / f"0.{i}.bed" for i in group]
                result = folder / "result.bed"
                least = {"union": 1, "majority": size // 2 + 1, "all": size}[support]
                tally.theirs(lambda b=beds, n=least, r=result: bedtools_all(b, n, r))
                tally.check(ours, result, layout)
        out.append(tally.line())
        progress(str(out[-1]))
    return out


class Tally:
    """Sets, intervals, differences and seconds of one kind of comparison."""

    def __init__(self, what: str) -> None:
        self.what, self.sets, self.intervals, self.differing = what, 0, 0, 0
        self.seconds = [0.0, 0.0]

    def ours(self, work: Any) -> Any:
        """Our answer, timed."""
        return self._timed(work, 0)

    def theirs(self, work: Any) -> Any:
        """bedtools' answer, timed."""
        return self._timed(work, 1)

    def _timed(self, work: Any, whose: int) -> Any:
        begin = time.perf_counter()
        result = work()
        self.seconds[whose] += time.perf_counter() - begin
        return result

    def check(self, ours: Ranges, bed: Path, layout: Layout) -> None:
        """Count intervals, and those that only one of them has."""
        mine = {
            (name, start, end)
            for name, ranges in zip(layout.contigs, layout.split(ours), strict=True)
            for start, end in zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True)
        }
        rows = (line.split("\t") for line in bed.read_text().splitlines())
        other = {(name, int(start), int(end)) for name, start, end in rows}
        self.sets += 1
        self.intervals += len(other)
        self.differing += len(mine ^ other)

    def line(self) -> dict[str, Any]:
        """For the table."""
        mine, other = self.seconds
        return {
            "what": self.what,
            "sets": self.sets,
            "intervals": self.intervals,
            "differing": self.differing,
            "s": mine,
            "bedtools, s": other,
            "of bedtools": other / mine,
        }


def one(path: Path, layout: Layout, slop: int) -> Ranges:
    """A file, read and merged."""
    return place(read_columns(path), layout, Skipped(), slop)


def bedtools_one(path: Path, slop: int, genome: Path, out: Path) -> None:
    """The same by programs."""
    shell(
        f"zcat {path} | cut -f1-3 | bedtools slop -i - -g {genome} -b {slop} "
        f"| LC_ALL=C sort -k1,1 -k2,2n | bedtools merge -i - > {out}"
    )


def bedtools_all(beds: list[Path], least: int, out: Path) -> None:
    """Merged files combined by programs."""
    names = " ".join(map(str, beds))
    shell(
        f"bedtools multiinter -i {names} | awk '$4 >= {least}' | cut -f1-3 "
        f"| bedtools merge -i - > {out}"
    )


def shell(command: str) -> None:
    """Run it; an error there is an error here."""
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True)


def sizes_of(path: Path, files: list[Path]) -> dict[str, int]:
    """Contig lengths; a contig that only peaks name is made long enough for them."""
    sizes = dict(line.split("\t")[:2] for line in path.read_text().splitlines())
    lengths = {name: int(length) for name, length in sizes.items()}
    for file in files:
        peaks = read_columns(file)
        for number, name in enumerate(peaks.names):
            if name not in sizes:
                last = int(peaks.ends[peaks.contig == number].max())
                lengths[name] = max(lengths.get(name, 0), last + 1000)
    return lengths


def bedtools_version() -> str:
    """As it says."""
    done = subprocess.run(["bedtools", "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


if __name__ == "__main__":
    main()
