"""A store of effects asked by region and task, beside Parquet, HDF5 and a VCF with tabix.

The same million alleles with random effects on 40 tasks in all four (in the VCF differences only),
by the package's own writers. A query is 10 kb: what its alleles are, and the differences of one
task; all four must give the same. Files lie in the page cache. "Open" is what a process pays once.

python benchmarks/effects_store.py [--alleles N] [--tasks N] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pysam
import variants_data
from common import configuration, parser, progress, ranged, report, row, seconds

from nucleotides.genome import GenomeStore
from nucleotides.predict.effects.choose_columns import Columns
from nucleotides.predict.effects.choose_output import choose_output, is_vcf
from nucleotides.predict.effects.effects_store import EffectsStore
from nucleotides.predict.effects.score_variants import Effects
from nucleotides.predict.effects.variant_effects import score_table
from nucleotides.predict.variants.stream_vcf import stream_vcf

WIDTH, QUERIES, OPENINGS = 10_000, 100, 20
FORMS = {
    ".effects": "store",
    ".parquet": "Parquet, pyarrow",
    ".h5": "HDF5, h5py",
    ".vcf.gz": "VCF, tabix by pysam",
}
FACTS = ["id", "chrom", "pos", "ref", "alt", "kind", "matches_reference", "unknown_bases", "reason"]
HEAD = ["", "MB", "open, ms", "query, ms", "of the store"]
Query = Callable[[int], Any]


def main() -> None:
    """Write all four, ask each, print."""
    options = parser(__doc__)
    options.add_argument("--alleles", type=int, default=1_000_000)
    options.add_argument("--tasks", type=int, default=40)
    arguments = options.parse_args()
    config = configuration(
        ("numpy", "pyarrow", "h5py", "pysam", "pandas"),
        alleles=arguments.alleles,
        tasks=arguments.tasks,
        region=WIDTH,
        statistic=f"median and range of {QUERIES} queries, of {OPENINGS} openings",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        task = write_all(folder, arguments.alleles, arguments.tasks)
        starts = np.random.default_rng(1).integers(10**5, 9_900_000, QUERIES).tolist()
        found = {form: ask(folder / f"out{form}", form, task, starts) for form in FORMS}
    once = found[".effects"][2]
    cells = [
        [FORMS[form], size, ranged(opened), ranged(asked), np.median(asked) / np.median(once)]
        for form, (size, opened, asked) in found.items()
    ]
    rows = [
        row(f"{FORMS[form]}: {what}", float(np.median(value)), "ms", config)
        for form, (_, *values) in found.items()
        for what, value in zip(("open", "query"), values, strict=True)
    ]
    report(arguments, HEAD, cells, rows, config)


def write_all(folder: Path, alleles: int, n_tasks: int) -> str:
    """Write `out` in all four formats; the name of the task that is asked for."""
    genome = variants_data.build_genome(folder)
    variants_data.write_variants(genome, alleles, folder / "in.vcf")
    tasks = pd.DataFrame({"task": [f"task{i}" for i in range(n_tasks)]})
    for form in FORMS:
        progress(f"{form}: writing")
        out = folder / f"out{form}"
        scores = ["diff"] if is_vcf(out) else ["diff", "logit_diff", "ref", "alt"]
        columns = Columns(tasks, np.arange(n_tasks), scores)
        header = variants_data.HEADER.splitlines()
        output = choose_output(out, columns, "no model", header, genome, {})
        parts = []
        for i, (chunk, table, effects) in enumerate(scored(folder / "in.vcf", genome, n_tasks)):
            output.see(chunk)
            parts.append(folder / f"part{i}")
            output.write(parts[-1], chunk, table, effects)
        output.join(parts)
        for part in parts:
            part.unlink()
    return f"task{n_tasks // 2}"


def scored(
    vcf: Path, genome: GenomeStore, n_tasks: int
) -> Iterator[tuple[Any, pd.DataFrame, Effects]]:
    """Chunks of alleles with random effects."""
    rng = np.random.default_rng(0)

    def scorer(table: pd.DataFrame, _: object) -> tuple[Effects, Any]:
        ref = rng.normal(-3, 1, (len(table), n_tasks))
        difference = rng.normal(0, 0.1, ref.shape)
        return Effects(ref, difference), np.zeros(len(table), np.bool_)

    for chunk in stream_vcf(vcf, genome, size=1024):
        table, effects = score_table(scorer, chunk.table, genome, None, "flag")
        yield chunk, table, effects


def ask(path: Path, form: str, task: str, starts: list[int]) -> tuple[float, Any, Any]:
    """MB, and milliseconds of openings and queries."""
    opener = {".effects": store, ".parquet": parquet, ".h5": hdf5, ".vcf.gz": tabix}[form]
    opened = [1000 * seconds(lambda: opener(path, task)) for _ in range(OPENINGS)]
    query, asked = opener(path, task), []
    query(starts[0])
    for start in starts:
        begin = time.perf_counter()
        found = query(start)
        asked.append(1000 * (time.perf_counter() - begin))
        wanted = ANSWERS.setdefault(start, found)
        assert len(found) == len(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-8)
    files = path.iterdir() if path.is_dir() else [path]
    progress(f"{form}: asked")
    return sum(file.stat().st_size for file in files) / 1e6, opened, asked


ANSWERS: dict[int, Any] = {}


def store(path: Path, task: str) -> Query:
    """The package's own."""
    opened, column = EffectsStore.open(path), f"{task}:diff"
    return lambda start: opened.region("chr20", start, start + WIDTH, [column])[column]


def parquet(path: Path, task: str) -> Query:
    """Row groups chosen by their statistics; REFs reach a little to the left."""
    file = pq.ParquetFile(path)

    def query(start: int) -> Any:
        filters = [("pos", ">", start - 100), ("pos", "<=", start + WIDTH), ("chrom", "=", "chr20")]
        table = pq.read_table(path, columns=[*FACTS, task], filters=filters).to_pandas()
        return table.loc[table["pos"] - 1 + table["ref"].str.len() > start, task]

    assert file.num_row_groups
    return query


def hdf5(path: Path, task: str) -> Query:
    """Positions are kept in memory."""
    file = h5py.File(path)
    column = file["tasks"].asstr()[:].tolist().index(task)
    positions = file["rows/pos"][:]

    def query(start: int) -> Any:
        rows = slice(*np.searchsorted(positions, [start - 100, start + WIDTH], "right").tolist())
        facts = {name: file[f"rows/{name}"][rows] for name in FACTS}
        table = pd.DataFrame(facts | {task: file["diff"][rows, column]})
        return table.loc[table["pos"] - 1 + table["ref"].map(len) > start, task]

    return query


def tabix(path: Path, task: str) -> Query:
    """Lines by the index, and the field out of INFO."""
    file = pysam.TabixFile(str(path))
    key = f"NT_diff_{task}="

    def query(start: int) -> Any:
        found = []
        for line in file.fetch("chr20", start, start + WIDTH):
            info = line.split("\t", 8)[7]
            at = info.index(key) + len(key)
            found += [float(text) for text in info[at : info.find(";", at)].split(",")]
        return np.array(found)

    return query


if __name__ == "__main__":
    main()
