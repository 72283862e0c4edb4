"""Whether sequences designed for a factor contain its motif, against their shuffles and starts.

FIMO (memelite) with one motif of JASPAR 2024, on designs that `nucleotides optimize` left, on
dinucleotide shuffles of them, and on what designs began with; and how surely the best match of each
sequence is better than that of its shuffles.

python benchmarks/design_motifs.py --designs DIR [--motif PATTERN] [--shuffles N] [--p P]
    [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import tempfile
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd
from common import configuration, parser, report, row

from nucleotides.analyze.explanations.name_seqlets import Matches
from nucleotides.errors import UnknownNameError
from nucleotides.explain import shuffle_dinucleotides
from nucleotides.genome import encode
from nucleotides.model.motifs import SHIPPED_MOTIFS, Motif, read_meme
from nucleotides.predict.regions.read_sequences import read_sequences

HEAD = ("sequences", "n", "with a match", "matches a sequence", "best -log10 p, median")


def main() -> None:
    """Scan, print."""
    options = parser(__doc__)
    options.add_argument("--designs", type=Path, required=True, help="folder of `optimize`")
    options.add_argument("--motif", default="*CTCF", help="name or pattern")
    options.add_argument("--shuffles", type=int, default=20, help="of each design")
    options.add_argument("--p", type=float, default=1e-5, help="of a match by chance")
    arguments = options.parse_args()
    motif = chosen(arguments.motif)
    designs = [record.codes for record in read_sequences(arguments.designs / "designs.fasta", 1)]
    edits = pd.read_csv(arguments.designs / "edits.tsv", sep="\t", dtype={"name": str})
    groups = {
        "designs": designs,
        "their starts": starts_of(arguments.designs, designs, edits),
        "their shuffles": [
            one for some in shuffle_dinucleotides(np.stack(designs), arguments.shuffles)
            for one in some
        ],
    }  # fmt: skip
    config = configuration(motif=motif.name, p=arguments.p, shuffles=arguments.shuffles)
    cells, rows = [], []
    for name, codes in groups.items():
        hits = scan(codes, motif, arguments.p)
        best = np.array([max((-np.log10(p) for p in some), default=0.0) for some in hits])
        share, mean = np.mean([bool(some) for some in hits]), np.mean([len(s) for s in hits])
        cells.append((name, len(codes), f"{share:.3f}", f"{mean:.2f}", f"{np.median(best):.2f}"))
        rows.append(row(f"{name} with a match", float(share), "share", config))
        rows.append(row(f"{name}, matches", float(mean), "a sequence", config))
    report(arguments, HEAD, cells, rows, config)


def chosen(pattern: str) -> Motif:
    """The first motif of that name."""
    known = read_meme(SHIPPED_MOTIFS)
    found = [motif for motif in known if fnmatchcase(motif.name, pattern)]
    if not found:
        raise UnknownNameError("motif", pattern, [motif.name for motif in known])
    return found[0]


def starts_of(folder: Path, designs: list[np.ndarray], edits: pd.DataFrame) -> list[np.ndarray]:
    """Designs with every edit taken back."""
    names = pd.read_csv(folder / "designs.tsv", sep="\t", dtype={"name": str})["name"]
    starts = []
    for name, codes in zip(names, designs, strict=True):
        own, start = edits[edits["name"] == name], codes.copy()
        start[own["position"].to_numpy()] = encode("".join(own["from"]))
        starts.append(start)
    return starts


def scan(codes: list[np.ndarray], motif: Motif, p: float) -> list[list[float]]:
    """p of every match, by sequence."""
    matrix = "\n".join(" ".join(f"{x:.6f}" for x in line) for line in motif.probabilities)
    text = (
        f"MEME version 4\n\nALPHABET= ACGT\n\nMOTIF {motif.name}\n"
        f"letter-probability matrix: alength= 4 w= {len(motif.probabilities)}\n{matrix}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.meme"
        path.write_text(text, encoding="utf-8")
        table = Matches(codes, path, p).table
    return [table.loc[table["row"] == i, "p"].tolist() for i in range(len(codes))]


if __name__ == "__main__":
    main()
