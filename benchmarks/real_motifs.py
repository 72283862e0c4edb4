"""The motifs that a model of the demo uses for a task, and what JASPAR calls them.

Of each task the windows centred on its peaks that the model gives the highest logits; saturation
mutagenesis of their central bases; TF-MoDISco; Tomtom against JASPAR 2024 (or another MEME file), q
by Benjamini-Hochberg over its motifs. AUROC and AP are of the demo's held-out megabase. Most of the
peaks lie in what the model was trained on: the question is what it uses, not how good it is.

python benchmarks/real_motifs.py --model MODEL --genome STORE --targets STORE [--tasks PATTERN ...]
    [--windows N] [--bases N] [--motifs FILE] [--report FILE] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from common import configuration, parser, progress, report, row

import nucleotides
from nucleotides.choose_tasks import choose_tasks
from nucleotides.explain.find_motifs import TaskMotifs, find_motifs
from nucleotides.genome import GenomeStore
from nucleotides.model.motifs import SHIPPED_MOTIFS
from nucleotides.predict import Model
from nucleotides.targets import TargetStore

TASKS = ("*CTCF*", "HepG2.HNF4A*", "HepG2.FOXA*", "*CEBPB*", "*JUND*", "GM12878.SPI1*",
         "HepG2.REST*", "HepG2.MAFK*")  # fmt: skip
AGREE = {
    "CTCF": ("CTCF",),
    "RAD21": ("CTCF",),
    "HNF4A": ("HNF4", "RXR", "PPAR", "NR2", "COUP", "HNF4A"),
    "FOXA1": ("FOX",),
    "FOXA2": ("FOX",),
    "CEBPB": ("CEBP",),
    "JUND": ("JUN", "FOS", "BATF", "BACH", "NFE2", "ATF", "CREB"),
    "SPI1": ("SPI", "ETS", "ELF", "ERG", "FLI", "ETV", "EHF"),
    "REST": ("REST",),
    "MAFK": ("MAF", "BACH", "NFE2", "NRF"),
}
"""Names of motifs of the same protein or family, by the target of a task."""


def main() -> None:
    """Explain, print."""
    options = parser(__doc__)
    for name in ("model", "genome", "targets"):
        options.add_argument(f"--{name}", type=Path, required=True)
    options.add_argument("--tasks", nargs="+", default=list(TASKS), help="names or patterns")
    options.add_argument("--windows", type=int, default=80, help="of a task")
    options.add_argument("--bases", type=int, default=240, help="of a window, in its middle")
    options.add_argument("--motifs", type=Path, default=SHIPPED_MOTIFS, help="MEME file")
    options.add_argument("--report", type=Path, help="write the motif report here")
    arguments = options.parse_args()
    model = nucleotides.load(arguments.model)
    genome, targets = GenomeStore.open(arguments.genome), TargetStore.open(arguments.targets)
    names = list(model.tasks["task"])
    found, seconds = [], []
    for i in choose_tasks(arguments.tasks, names):
        begin = time.perf_counter()
        found.append(explained(model, genome, targets, names[i], arguments))
        seconds.append(time.perf_counter() - begin)
        progress(f"{names[i]}: {seconds[-1]:.0f} s")
    config = configuration(
        ("torch", "modisco-lite", "memelite"),
        model=f"{type(model.network).__name__}, {len(model.tasks)} tasks",
        windows=f"up to {arguments.windows} a task, the central {arguments.bases} bases of each",
        motifs=arguments.motifs.name,
        seconds=f"{min(seconds):.0f} to {max(seconds):.0f} a task",
    )
    head = ["task", "AUROC", "AP", "windows", "motif", "seqlets", "match", "q", "of its kind"]
    cells = [line for task in found for line in lines(task, scores(model, task.task))]
    rows = [
        row(f"{cell[0]}: {cell[4]}", cell[7], "q", {**config, "match": cell[6], "n": cell[5]})
        for cell in cells
        if cell[7] is not None
    ]
    report(arguments, head, cells, rows, config)
    if arguments.report:
        from nucleotides.analyze.motifs import write_motif_report

        write_motif_report(arguments.report, found, motifs=arguments.motifs.name)


def explained(
    model: Model, genome: GenomeStore, targets: TargetStore, task: str, arguments: Any
) -> TaskMotifs:
    """The motifs of a task in the windows of its peaks that score highest."""
    peaks, length = targets.peaks(task), model.sequence_length
    starts = ((peaks["start"] + peaks["end"]) // 2 - length // 2).to_numpy()
    contigs = np.array([genome.contig_index(name) for name in peaks["chrom"]])
    codes = genome.windows(contigs, starts, length)
    column = list(model.tasks["task"]).index(task)
    best = np.argsort(-model.logits(codes)[:, column])[: arguments.windows]
    first = (length - arguments.bases) // 2
    within = (first, first + arguments.bases)
    chroms = peaks["chrom"].to_numpy()[best]
    places = [
        f"{chrom}:{start + within[0]:,}-{start + within[1]:,}"
        for chrom, start in zip(chroms, starts[best], strict=True)
    ]
    return find_motifs(
        model, codes[best], task, positions=within, motifs=arguments.motifs, places=places
    )


def scores(model: Model, task: str) -> tuple[float | None, float | None]:
    """AUROC and AP, where the bundle tells them."""
    table = model.tasks.set_index("task")
    return tuple(  # type: ignore[return-value]
        float(table.loc[task, name]) if name in table else None
        for name in ("auroc", "average_precision")
    )


def lines(found: TaskMotifs, score: tuple[float | None, float | None]) -> list[list[Any]]:
    """A line a pattern of which there are seqlets enough, up to three; or one that says none."""
    target = found.task.split(".")[1]
    out = []
    for pattern in found.patterns[:3]:
        best = found.names[found.names["pattern"] == pattern.name].iloc[0]
        known = AGREE.get(target, (target,))
        same = any(name in best["motif"].upper() for name in known) and best["q"] < 0.05
        out.append([found.task, *score, len(found.codes), pattern.name, pattern.n_seqlets,
                    best["motif"], float(best["q"]), "yes" if same else "no"])  # fmt: skip
    return out or [[found.task, *score, len(found.codes), "none", 0, "", None, ""]]


if __name__ == "__main__":
    main()
