"""What `nucleotides variants` does beside the network, by format and number of tasks.

Processor time of `write_effects` in a process with one thread, less that of the pairs of windows
in the network (`PairScorer`), which is nearly free here: reading and placing alleles, windows,
scores of all tasks, parts, the file. Tables have four scores by task, as by default.

python benchmarks/variants_overhead.py [--alleles N] [--tasks N...] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import torch
import variants_data
from common import configuration, parser, progress, ranged, report, row

from nucleotides.predict import load
from nucleotides.predict.choose_columns import Columns
from nucleotides.predict.score_alleles import Reading
from nucleotides.predict.score_pairs import PairScorer
from nucleotides.predict.write_effects import Job, write_effects

NETWORK = {"channels": [1, 1, 1], "hidden": 1}
FORMS = (".parquet", ".effects", ".h5", ".vcf.gz")
REPEATS = 3


def main() -> None:
    """Each number of tasks in each format, print."""
    options = parser(__doc__)
    options.add_argument("--alleles", type=int, default=5_000)
    options.add_argument("--tasks", type=int, nargs="+", default=[4, 40, 919])
    arguments = options.parse_args()
    torch.set_num_threads(1)
    config = configuration(
        ("numpy", "torch", "pyarrow", "pandas"),
        alleles=arguments.alleles,
        scores="diff, logit_diff, ref, alt; in the VCF diff, of up to 50 tasks",
        statistic=f"median and range of {REPEATS} rounds after one to warm up",
    )
    cells, rows = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        genome = variants_data.build_genome(folder)
        variants_data.write_variants(genome, arguments.alleles, folder / "in.vcf")
        for n_tasks in arguments.tasks:
            variants_data.write_model(folder / "model", n_tasks, 200, NETWORK)
            found = {form: measure(folder, genome, form, arguments.alleles) for form in FORMS}
            cells.append([f"{n_tasks} tasks", *map(ranged, found.values())])
            for form, values in found.items():
                rows += [row(f"{n_tasks} tasks, {form}", min(values), "ms/allele", config)]
    report(arguments, ["ms/allele", *FORMS], cells, rows, config)


def measure(folder: Path, genome: Any, form: str, alleles: int) -> list[float]:
    """Milliseconds an allele, outside of the network."""
    model, inside = load(folder / "model"), 0.0
    n_tasks = len(model.tasks)
    scores = ["diff", "logit_diff", "ref", "alt"]
    if form == ".vcf.gz":
        scores = ["diff"] if n_tasks <= 50 else []
    job = Job(Columns(model.tasks, torch.arange(n_tasks).numpy(), scores), Reading())
    real = PairScorer.__call__

    def timed(self: PairScorer, *windows: Any) -> Any:
        nonlocal inside
        begin = time.process_time()
        try:
            return real(self, *windows)
        finally:
            inside += time.process_time() - begin

    PairScorer.__call__ = timed  # type: ignore[assignment, method-assign]
    found = []
    for _ in range(REPEATS + 1):
        inside, begin = 0.0, time.process_time()
        write_effects(model, folder / "in.vcf", genome, folder / f"out{form}", job)
        found.append(1000 * (time.process_time() - begin - inside) / alleles)
    PairScorer.__call__ = real  # type: ignore[method-assign]
    progress(f"{n_tasks} tasks, {form}: {found}")
    return found[1:]


if __name__ == "__main__":
    main()
