"""Predicted effects beside measured ones: saturation mutagenesis of regulatory elements by MPRA.

Kircher et al. 2019 (10.1038/s41467-019-11526-w) measured what every substitution and single-base
deletion of an element does to the expression of a reporter (log2). By element: Pearson's and
Spearman's correlation of that with the difference of logits, mean over the tasks chosen and both
strands. 95 % intervals are percentiles of 1,000 bootstraps over stretches of 10 bases, since
neighbours share a motif. Variants seen with fewer than 10 barcodes are left out, as in the paper.

python benchmarks/mpra.py --data FOLDER --model MODEL [--genome STORE] [--tasks PATTERN ...] ...

Without a genome, an element is scored within N; with one, between its flanks. What it was measured
in, a plasmid, is neither.
(FOLDER holds MPRA_satmut_Kircher2019.tsv.gz and .elements.GRCh38.fa.gz)
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import configuration, parser, report, row
from scipy.stats import rankdata

import nucleotides
from nucleotides.choose_tasks import choose_tasks
from nucleotides.genome import GenomeStore

TABLE, ELEMENTS = "MPRA_satmut_Kircher2019.tsv.gz", "MPRA_satmut_Kircher2019.elements.GRCh38.fa.gz"
CELLS = {
    **dict.fromkeys(("BCL11A", "GP1BA", "HBB", "HBG1"), "HEL 92.1.7"),
    **dict.fromkeys(("PKLR-24h", "PKLR-48h"), "K562"),
    **dict.fromkeys(("RET", "UC88"), "Neuro-2a"),
    **dict.fromkeys(("ZRSh-13", "ZRSh-13h2"), "NIH/3T3"),
    "F9": "HepG2",
    "FOXE1": "HeLa",
    "IRF4": "SK-MEL-28",
    "MSMB": "HEK293T",
    "MYCrs11986220": "LNCaP",
    "TCF7L2": "MIN6",
}
BARCODES, STRETCH, BOOTSTRAPS = 10, 10, 1000
Correlation = Callable[[Any, Any], float]


def main() -> None:
    """Score, print."""
    options = parser(__doc__)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--genome", type=Path, help="store of GRCh38, whole")
    options.add_argument("--tasks", nargs="+", default=["*"], help="names or patterns")
    arguments = options.parse_args()
    model = nucleotides.load(arguments.model)
    tasks = choose_tasks(arguments.tasks, list(model.tasks["task"]))
    measured = pd.read_csv(arguments.data / TABLE, sep="\t", dtype={"Chrom": str})
    measured = measured[(measured["Release"] == "GRCh38") & (measured["Barcodes"] >= BARCODES)]
    measured = measured.dropna(subset=["Chrom", "Pos"]).astype({"Pos": int})
    with tempfile.TemporaryDirectory() as name:
        elements = GenomeStore.build(arguments.data / ELEMENTS, Path(name) / "elements")
        variants = placed(measured, elements, starts_of(arguments.data / ELEMENTS))
        genome = GenomeStore.open(arguments.genome) if arguments.genome else elements
        if arguments.genome:
            variants["chrom"] = "chr" + variants["on"]
            variants["pos"] = variants["pos"] + variants["begin"] - 1
        effects = model.variant_effects(variants, genome, both_strands=True)
    predicted = effects.logit_diff[list(model.tasks["task"][tasks])].mean(axis=1).to_numpy()
    config = configuration(
        ("torch",),
        model=f"{type(model.network).__name__}, {len(tasks)} of {len(model.tasks)} tasks",
        sequence="the genome's" if arguments.genome else "the element's own, within N",
        variants=f"{len(variants):,} of {BARCODES} barcodes or more",
    )
    cells, rows = [], []
    for element, index in variants.groupby("element", sort=True).indices.items():
        x, y = predicted[index], variants["effect"].to_numpy()[index]
        stretch = variants["pos"].to_numpy()[index] // STRETCH
        found = [interval(x, y, stretch, correlation) for correlation in (pearson, spearman)]
        cells.append([element, CELLS[element], len(index), *(told(*each) for each in found)])
        for name, each in zip(("Pearson", "Spearman"), found, strict=True):
            facts = {**config, "low": each[1], "high": each[2], "n": len(index)}
            rows.append(row(f"{element}: {name}", each[0], "", facts))
    head = ["element", "measured in", "variants", "Pearson (95 %)", "Spearman (95 %)"]
    report(arguments, head, cells, rows, config)


def starts_of(path: Path) -> dict[str, tuple[str, int]]:
    """Chromosome and 1-based first base of each element, from the headers."""
    found = {}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            if line.startswith(">"):
                name, place = line[1:].split()[:2]
                chrom, span = place.split(":")
                found[name] = (chrom.removeprefix("chr"), int(span.split("-")[0]))
    return found


def placed(
    measured: pd.DataFrame, elements: GenomeStore, starts: dict[str, tuple[str, int]]
) -> pd.DataFrame:
    """The variants as a VCF has them, deletions anchored, on contigs that are the elements."""
    lines = []
    for element, chrom, pos, ref, alt, effect in measured[
        ["Element", "Chrom", "Pos", "Ref", "Alt", "Coefficient"]
    ].itertuples(index=False):
        begin = starts[element][1]
        at = pos - begin
        if alt == "-":
            left = max(at - 1, 0)
            pair = nucleotides.genome.decode(elements.codes(element, [left], 2)[0])
            ref, alt = pair, pair[0] if at else pair[1]
            at = left
        lines.append((element, chrom, begin, element, at + 1, ref, alt, effect))
    columns = ["element", "on", "begin", "chrom", "pos", "ref", "alt", "effect"]
    return pd.DataFrame(lines, columns=columns)


def interval(x: Any, y: Any, stretch: Any, correlation: Correlation) -> tuple[float, float, float]:
    """A correlation and its 95 % interval by bootstrap over stretches."""
    groups = [np.flatnonzero(stretch == s) for s in np.unique(stretch)]
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(BOOTSTRAPS):
        index = np.concatenate([groups[i] for i in rng.integers(len(groups), size=len(groups))])
        draws.append(correlation(x[index], y[index]))
    low, high = np.percentile(draws, [2.5, 97.5])
    return correlation(x, y), float(low), float(high)


def pearson(x: Any, y: Any) -> float:
    """Of values."""
    return float(np.corrcoef(x, y)[0, 1])


def spearman(x: Any, y: Any) -> float:
    """Of ranks."""
    return pearson(rankdata(x), rankdata(y))


def told(value: float, low: float, high: float) -> str:
    """With its interval."""
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
