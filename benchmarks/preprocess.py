"""Peak files to a target: this package beside what a script would do, on the same files.

Inputs are generated (peak_files.py): 60 files of 1.9 million peaks, 1,000 files of 670 thousand.
Every way takes its turn, round by round, in a child of its own; the slow ones have fewer rounds.

- store: `build_store`, one worker: peaks merged by task, labels of all positions indexed.
- store, 2 workers: the same. store and bed: and the sorted, bgzipped, tabix-indexed TARGET too.
- pandas, polars, bioframe: each file read, labelled, all sorted, written as bed, bgzip, tabix.
- bedtools: by file pandas sorts, `bedtools merge`, `bgzip`; then read again, sorted, bgzip, tabix.
- unpacking: nothing but gzip to bytes, by ISA-L: what any of them has to do first.

"A core" is by processor time of all threads and programs, which other jobs on the machine disturb
less than the time that passes.

Programs bedtools, bgzip and tabix: apt-get install bedtools tabix. polars: pip install
--target .peers polars, and PYTHONPATH=.peers (left out of the table where it is missing).

python benchmarks/preprocess.py [--rounds 5] [--json FILE]
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from common import Row, configuration, parser, progress, ranged, report, row, seconds
from peak_files import HUMAN, unpack_only, write_peak_files

from nucleotides.targets.build import build_store
from nucleotides.targets.export import write_target_bed
from nucleotides.targets.task import PeakFile, TaskSource

INPUTS = ((60, 1_900_000), (1000, 670_000))
COLUMNS = ["chrom", "start", "end"]
Way = Callable[[list[Path], Path], Any]


def main() -> None:
    """Generate, check, measure in turn, print."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=5)
    arguments = options.parse_args()
    ways = available()
    rows: list[Row] = []
    cells: list[list[Any]] = []
    config = configuration(
        ("numpy", "numba", "isal", "pandas", "bioframe"),
        rounds=f"{arguments.rounds}; 2 for bedtools, pandas, bioframe",
        statistic="median (min-max) over rounds; ratios to bedtools by medians",
    )
    with tempfile.TemporaryDirectory() as folder:
        for n_files, n_peaks in INPUTS:
            files_in = Path(folder) / str(n_files)
            progress(f"writing {n_files} files")
            peaks = write_peak_files(files_in, n_files, n_peaks)
            files = sorted(files_in.iterdir())
            times = measure(ways, files, Path(folder) / "out", arguments.rounds)
            cells += lines(n_files, peaks, times)
            rows += as_rows(n_files, peaks, times, config)
    head = ["", "million peaks/s", "of bedtools", "a core", "of bedtools"]
    report(arguments, head, cells, rows, config)


def available() -> dict[str, tuple[Way, bool]]:
    """Each way by name, and whether it is fast enough for all rounds."""
    ways: dict[str, tuple[Way, bool]] = {
        "store, 1 worker": (lambda files, out: store(files, out, 1), True),
        "store, 2 workers": (lambda files, out: store(files, out, 2), True),
        "store and bed, 1 worker": (store_and_bed, True),
        "unpacking only": (lambda files, _: unpack_only(files), True),
    }
    if importlib.util.find_spec("polars"):
        ways["polars"] = by_polars, True
    ways["pandas"] = by_pandas, False
    ways["bioframe"] = by_bioframe, False
    ways["bedtools"] = by_bedtools, False
    return ways


Times = dict[str, list[tuple[float, float]]]


def measure(ways: dict[str, tuple[Way, bool]], files: list[Path], out: Path, rounds: int) -> Times:
    """Seconds and processor seconds of each way, a pair a round, after a first call of ours."""
    times: Times = {name: [] for name in ways}
    store_and_bed(files[:2], fresh(out))
    for number in range(rounds):
        for name, (way, fast) in ways.items():
            if fast or number < 2:
                fresh(out)
                times[name].append(in_a_child(way, files, out))
                progress(f"{len(files)} files, {name}: {times[name][-1][0]:.2f} s")
    return times


def in_a_child(way: Way, files: list[Path], out: Path) -> tuple[float, float]:
    """Seconds and processor seconds in a child, whose memory no other way has used.

    A tenth of the files goes first, so that what every process does once (imports too) is not
    counted. No way imports another's library: objects that lie about slow Python's collector.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        way(files[: len(files) // 10], out)
        fresh(out)
        used = processor_seconds()
        taken = seconds(lambda: way(files, out))
        os.write(writer, json.dumps([taken, processor_seconds() - used]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        taken, used = json.loads(answer.read())
    assert os.waitpid(pid, 0)[1] == 0
    return taken, used


def processor_seconds() -> float:
    """Of this process and the programs that it ran."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def fresh(out: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    return out


def store(files: list[Path], out: Path, n_workers: int) -> Any:
    """Ours."""
    sources = [TaskSource(label(path), (PeakFile(path, path.name),)) for path in files]
    return build_store(sources, HUMAN, out / "store", n_workers=n_workers).store


def store_and_bed(files: list[Path], out: Path) -> None:
    """Ours, and what Selene reads."""
    write_target_bed(store(files, out, 1), out / "target.bed.gz")


def label(path: Path) -> str:
    """The task of a file."""
    return path.name.partition(".")[0]


def index(bed: Path) -> None:
    """bgzip and tabix."""
    subprocess.run(["bgzip", "-f", bed], check=True)
    subprocess.run(["tabix", "-f", "-p", "bed", f"{bed}.gz"], check=True)


def write_sorted(table: pd.DataFrame, out: Path) -> None:
    """Sort and write as bed."""
    table = table.sort_values([*COLUMNS, "task"])
    table.to_csv(out / "target.bed", sep="\t", header=False, index=False)
    index(out / "target.bed")


def by_pandas(files: list[Path], out: Path) -> None:
    """Read, concatenate, sort, write."""
    tables = [
        pd.read_csv(path, sep="\t", header=None, usecols=[0, 1, 2], names=COLUMNS).assign(
            task=label(path)
        )
        for path in files
    ]
    write_sorted(pd.concat(tables), out)


def by_bioframe(files: list[Path], out: Path) -> None:
    """Read, concatenate, sort, write."""
    import bioframe

    tables = [
        bioframe.read_table(path, schema="narrowPeak")[COLUMNS].assign(task=label(path))
        for path in files
    ]
    write_sorted(pd.concat(tables), out)


def by_polars(files: list[Path], out: Path) -> None:
    """Read, concatenate, sort, write."""
    import polars

    tables = []
    for path in files:
        table = polars.read_csv(path, separator="\t", has_header=False, columns=[0, 1, 2])
        table = table.rename(dict(zip(table.columns, COLUMNS, strict=True)))
        tables.append(table.with_columns(task=polars.lit(label(path))))
    table = polars.concat(tables).sort(*COLUMNS, "task")
    table.write_csv(out / "target.bed", separator="\t", include_header=False)
    index(out / "target.bed")


def by_bedtools(files: list[Path], out: Path) -> None:
    """Merge each file by programs, then all of them together."""
    for path in files:
        table = pd.read_csv(path, sep="\t", header=None).sort_values([0, 1, 2])
        plain = out / f"{label(path)}.sorted.bed"
        table.to_csv(plain, sep="\t", header=False, index=False)
        merged = out / f"{label(path)}.bed"
        with merged.open("wb") as file:
            subprocess.run(["bedtools", "merge", "-i", plain], check=True, stdout=file)
        subprocess.run(["bgzip", "-f", merged], check=True)
        plain.unlink()
    by_pandas(sorted(out.glob("*.bed.gz")), out)


def lines(n_files: int, peaks: int, times: Times) -> list[list[Any]]:
    """A line a way: by the time that passed, and by processor time."""
    out = []
    for name, pairs in times.items():
        line: list[Any] = [f"{n_files:,} files, {peaks:,} peaks: {name}"]
        for which in (0, 1):
            taken = [pair[which] for pair in pairs]
            slowest = statistics.median(pair[which] for pair in times["bedtools"])
            line.append(ranged([peaks / one / 1e6 for one in taken]))
            line.append(slowest / statistics.median(taken))
        out.append(line)
    return out


def as_rows(n_files: int, peaks: int, times: Times, config: dict[str, Any]) -> list[Row]:
    """Peaks per second, and per processor second."""
    own = {**config, "files": n_files, "peaks": peaks}
    return [
        row(
            f"{n_files} files: {name}{what}",
            peaks / statistics.median(pair[which] for pair in pairs),
            "peaks/s",
            own,
        )
        for name, pairs in times.items()
        for which, what in ((0, ""), (1, ", a core"))
    ]


if __name__ == "__main__":
    main()
