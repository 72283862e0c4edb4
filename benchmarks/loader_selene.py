"""Windows and labels beside Selene's own, base by base and label by label.

At 100,000 random positions of the input of loader.py (1,000 tasks): half uniform, a quarter at
peaks' edges and at the edges of what is positive, one in fifty over a contig's end; half on the
reverse strand. Selene answers in its own environment (loader_selene_step.py) by
`GenomicFeatures.get_feature_data` and `Genome.get_encoding_from_coords`, one position at a time.

Selene has no answer for a window over a contig's end: there its answer for the part inside is
compared, and ours must be N outside. What else of Selene's is not copied is listed in
docs/decisions/0009-the-loader.md and shown by this script's second half.

python benchmarks/loader_selene.py --folder SCRATCH --peers DIR [--positions 100000] [--json FILE]
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
from common import configuration, parser, progress, report, row
from loader_data import CONTIGS, facts, write_input

from nucleotides.genome import GenomeStore
from nucleotides.targets import TargetStore

LENGTH, BIN = 1000, 200
CHILD = Path(__file__).with_name("loader_selene_step.py")


def main() -> None:
    """Draw positions, answer, let Selene answer, compare."""
    options = parser(__doc__)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--peers", type=Path, required=True)
    options.add_argument("--tasks", type=int, default=1000)
    options.add_argument("--positions", type=int, default=100_000)
    arguments = options.parse_args()
    folder = arguments.folder / f"tasks{arguments.tasks}"
    write_input(folder, arguments.tasks)
    genome, targets = GenomeStore.open(folder / "genome"), TargetStore.open(folder / "targets")
    contigs, centres, reverse = draw(targets, arguments.positions)
    codes = genome.windows(contigs, centres - LENGTH // 2, LENGTH, reverse)
    labels = targets.packed_labels_at(contigs, centres, BIN, 0.5)
    arrays = {"contigs": contigs, "centres": centres, "reverse": reverse}
    np.savez(folder / "selene.npz", **arrays, codes=codes, labels=labels)
    progress("Selene answers")
    python = arguments.peers / "venv-selene" / "bin" / "python"
    found = json.loads(subprocess.check_output([python, "-W", "ignore", CHILD, folder], text=True))
    config = configuration(("numpy", "numba"), **facts(folder), selene="0.6.0", bin=BIN)
    head = ["", "compared", "different"]
    keys = ("windows", "windows over an end", "labels", "labels of bins over an end")
    cells = [[key, found[key][0], found[key][1]] for key in keys]
    rows = [row(f"{key}: different", found[key][1], "positions", config) for key in keys]
    cells += [[f"Selene: {key}", value, None] for key, value in found["seen"].items()]
    report(arguments, head, cells, rows, config)


def draw(targets: TargetStore, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Contigs, centres and strands."""
    rng = np.random.default_rng(7)
    length = min(CONTIGS.values())
    contigs, centres = rng.integers(0, len(CONTIGS), n), rng.integers(0, length, n)
    quarter, names = n // 4, list(CONTIGS)
    for i, task in enumerate(rng.choice(targets.tasks["task"], quarter // 50)):
        table = targets.peaks(task).sample(50, replace=True, random_state=i)
        edge = np.where(rng.random(50) < 0.5, table["start"], table["end"])
        # At the edge itself, and where a lone peak begins and ends to cover half of the bin.
        at = slice(50 * i, 50 * i + 50)
        centres[at] = edge + rng.integers(-2, 3, 50) + rng.choice([0, 0, -1, 1], 50)
        contigs[at] = [names.index(name) for name in table["chrom"]]
    ends = slice(n - n // 50, n)
    some = rng.integers(-LENGTH, LENGTH, n // 50)
    centres[ends] = np.where(some < 0, length + LENGTH // 2 + some, some - LENGTH // 2)
    return contigs, centres, rng.random(n) < 0.5


if __name__ == "__main__":
    main()
