"""Explanations against known truth: planted motifs found again, and named.

Sequences of 200 random bases with planted JASPAR motifs; three tasks: CTCF there; FOXA1 and HNF4A
within 20 bases, in this order on one strand (both are planted apart, too, as decoys); SPI1 unless
GATA1. Three in a hundred labels are wrong. A network of two convolutions, whose filters begin at
random, is trained on them.

- Ceilings, as AUROC: of one who knows what was planted (the rule), and of one who knows how
  sequences were made, but reads them alone: by the likelihoods of background and motifs, elements
  being taken as independent and a pair as all that there is of its motifs.
- Sites: of the planted sites that make a held-out sequence positive, those that one of the k + 1
  highest seqlets of the sequence lies on, k being their number in it: they share half of the
  shorter of the two, or more. Beside it the same of seqlets that were moved to random places.
- Motifs: the patterns of TF-MoDISco and their best match in JASPAR 2024, q by Benjamini-Hochberg
  over its motifs. The same of the network with random weights, which should find none.

python benchmarks/known_truth.py [--rounds N] [--explained N] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from common import configuration, parser, progress, report, row
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from nucleotides.explain.discover_motifs import Pattern
from nucleotides.explain.find_motifs import TaskMotifs, find_motifs
from nucleotides.explain.simulate import (
    Element,
    Rule,
    Simulation,
    Site,
    random_backgrounds,
    simulate,
)
from nucleotides.genome import one_hot, reverse_complement
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.motifs import SHIPPED_MOTIFS, Motif, read_meme
from nucleotides.predict import Model

Floats = NDArray[np.float64]

LENGTH, NOISE, GC = 200, 0.03, 0.42
TRAINING, HELD_OUT, BATCH, FIRST_SEED = 30_000, 4_000, 64, 10
MOTIFS = {
    "CTCF": "MA0139.2",
    "FOXA1": "MA0148.5",
    "HNF4A": "MA0114.5",
    "SPI1": "MA0080.7",
    "GATA1": "MA0035.5",
}
ELEMENTS = (
    Element(("CTCF",), 0.5),
    Element(("FOXA1", "HNF4A"), 0.4, within=20),
    Element(("FOXA1",), 0.3),
    Element(("HNF4A",), 0.3),
    Element(("SPI1",), 0.6),
    Element(("GATA1",), 0.4),
)
RULES = (
    Rule("CTCF", ("CTCF",)),
    Rule("FOXA1 before HNF4A", ("FOXA1", "HNF4A"), within=20),
    Rule("SPI1 unless GATA1", ("SPI1",), unless=("GATA1",)),
)


def simulation(n: int, seed: int) -> Simulation:
    """Sequences of the three tasks."""
    backgrounds = random_backgrounds(n, LENGTH, gc=GC, seed=seed)
    return simulate(known(), ELEMENTS, RULES, backgrounds, noise=NOISE, seed=seed)


def known() -> dict[str, Motif]:
    """What is planted."""
    by_id = {motif.name.split()[0]: motif for motif in read_meme(SHIPPED_MOTIFS)}
    return {name: by_id[identifier] for name, identifier in MOTIFS.items()}


class TwoConvolutions(FunctionalModel):
    """conv 4-96 k19, pool 4; conv 96-96 k9; the highest of all positions; linear."""

    def __init__(self, n_tasks: int, sequence_length: int) -> None:
        super().__init__(n_tasks, sequence_length)
        left = (sequence_length - 18) // 4 - 8
        self.layers = nn.Sequential(
            *(nn.Conv1d(4, 96, 19), nn.BatchNorm1d(96), nn.ReLU(), nn.MaxPool1d(4)),
            *(nn.Conv1d(96, 96, 9), nn.BatchNorm1d(96), nn.ReLU(), nn.MaxPool1d(left)),
            *(nn.Flatten(), nn.Linear(96, 64), nn.ReLU(), nn.Linear(64, n_tasks)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        logits: Tensor = self.layers(x)
        return logits


def new_model(seed: int = 0) -> Model:
    """A network with random weights."""
    torch.manual_seed(seed)
    network = TwoConvolutions(len(RULES), LENGTH).eval()
    return Model(network, pd.DataFrame({"task": [rule.task for rule in RULES]}), 200)


def train(model: Model, rounds: int) -> None:
    """Adam, never a sequence twice, either strand at random, a rate that falls to nothing."""
    network, rng = model.network.train(), np.random.default_rng(0)
    steps = TRAINING // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, rounds * steps)
    for seed in range(rounds):
        data, total = simulation(TRAINING, FIRST_SEED + seed), 0.0
        for i in range(steps):
            some = slice(i * BATCH, (i + 1) * BATCH)
            codes = data.codes[some]
            x = one_hot(reverse_complement(codes) if rng.random() < 0.5 else codes)
            labels = torch.from_numpy(data.labels[some]).float()
            loss = binary_cross_entropy_with_logits(network(torch.from_numpy(x)), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        progress(f"round {seed + 1}: loss {total / steps:.4f}")
    network.eval()


def ideal_scores(codes: NDArray[np.uint8]) -> Floats:
    """What one who knows how sequences were made thinks of each task: (n, tasks)."""
    ratios = {name: likelihood_ratios(codes, motif) for name, motif in known().items()}
    chance = {part.motifs: part.chance for part in ELEMENTS}
    total = {name: np.concatenate(each, axis=1).mean(axis=1) for name, each in ratios.items()}
    there = {
        name: chance[(name,)] * total[name] / (1 - chance[(name,)] + chance[(name,)] * total[name])
        for name in MOTIFS
    }
    alone = [1 - chance[(name,)] + chance[(name,)] * total[name] for name in ("FOXA1", "HNF4A")]
    pair = np.log(pair_ratio(ratios, "FOXA1", "HNF4A", within=20)) - np.log(alone).sum(axis=0)
    return np.stack([there["CTCF"], pair, there["SPI1"] * (1 - there["GATA1"])], axis=1)


def likelihood_ratios(codes: NDArray[np.uint8], motif: Motif) -> tuple[Floats, Floats]:
    """Motif to background at every start, on either strand: (n, starts) each."""
    base = np.array([1 - GC, GC, GC, 1 - GC]) / 2
    odds = np.log(np.clip(motif.probabilities, 1e-9, 1) / base)
    n_starts = codes.shape[1] - len(odds) + 1
    out = []
    for matrix in (odds, odds[::-1, ::-1]):
        total = np.zeros((len(codes), n_starts))
        for i, line in enumerate(matrix):
            total += line[codes[:, i : i + n_starts]]
        out.append(np.exp(total))
    return out[0], out[1]


def pair_ratio(
    ratios: dict[str, tuple[Floats, Floats]], first: str, second: str, within: int
) -> Floats:
    """One motif after the other on one strand: the mean over places, gaps and strands, (n,)."""
    width = {name: len(motif.probabilities) for name, motif in known().items()}
    found = []
    for strand, (a, b) in enumerate(((first, second), (second, first))):
        left, right = ratios[a][strand], ratios[b][strand]
        for gap in range(within + 1):
            begin = width[a] + gap
            found.append((left[:, : right.shape[1] - begin] * right[:, begin:]).mean(axis=1))
    return np.mean(found, axis=0)


def sites_found(found: TaskMotifs, causes: list[list[Site]], *, moved: bool = False) -> float:
    """The part of the sites that one of the k + 1 highest seqlets lies on."""
    rng, hits = np.random.default_rng(0), list[bool]()
    for window, sites in enumerate(causes):
        seqlets = found.seqlets[found.seqlets["window"] == window]
        best = seqlets.reindex(seqlets["score"].abs().sort_values(ascending=False).index)
        spans = best[["start", "end"]].to_numpy()[: len(sites) + 1]
        if moved:
            size = spans[:, 1] - spans[:, 0]
            starts = (rng.random(len(spans)) * (LENGTH - size + 1)).astype(int)
            spans = np.stack([starts, starts + size], axis=1)
        hits += [any(lies_on(span, site) for span in spans) for site in sites]
    return float(np.mean(hits))


def lies_on(span: Any, site: Site) -> bool:
    """Whether they share half of the shorter of the two."""
    shared = min(span[1], site.end) - max(span[0], site.start)
    return bool(shared >= min(span[1] - span[0], site.end - site.start) / 2)


def matches(found: TaskMotifs) -> str:
    """Patterns with seqlets, the best match and its q; beside it the planted one, if another."""
    return "; ".join(map(partial(_match, found), found.patterns)) or "none"


def _match(found: TaskMotifs, pattern: Pattern) -> str:
    table = found.names[found.names["pattern"] == pattern.name]
    planted = table[table["motif"].str.split().str[0].isin(MOTIFS.values())]
    named = pd.concat([table[:1], planted[:1]]).drop_duplicates("motif")
    words = [f"{row.motif}, q {row.q:.1g}" for row in named.itertuples()]
    return f"{pattern.name} ({pattern.n_seqlets}): {', then '.join(words)}"


def main() -> None:
    """Train, explain, print."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=10, help="of 30,000 sequences")
    options.add_argument("--explained", type=int, default=300, help="positives of each task")
    arguments = options.parse_args()
    held = simulation(HELD_OUT, 2)
    trained, untrained = new_model(), new_model(1)
    train(trained, arguments.rounds)
    logits, ideal = trained.logits(held.codes), ideal_scores(held.codes)
    cells, rows = [], []
    config = configuration(
        ("torch", "modisco-lite", "memelite"),
        training=f"{arguments.rounds * TRAINING:,} sequences, each once",
        held_out=f"{HELD_OUT:,} sequences; {arguments.explained} positives of each task explained",
        noise=NOISE,
    )
    for i, rule in enumerate(RULES):
        some = np.flatnonzero(held.truth[:, i])[: arguments.explained]
        causes = [rule.causes(held.sites[j]) for j in some]
        found, nothing = (
            find_motifs(model, held.codes[some], rule.task) for model in (trained, untrained)
        )
        auroc = [
            float(roc_auc_score(held.labels[:, i], z[:, i])) for z in (held.truth, ideal, logits)
        ]
        share = [sites_found(found, causes), sites_found(found, causes, moved=True)]
        values = {
            "AUROC, rule": auroc[0],
            "AUROC, ideal reader": auroc[1],
            "AUROC, network": auroc[2],
            "sites found": share[0],
            "sites found, seqlets moved": share[1],
            "sites found, random weights": sites_found(nothing, causes),
        }
        cells.append([rule.task, *values.values(), matches(found), matches(nothing)])
        facts = {**config, "patterns": matches(found)}
        rows += [row(f"{rule.task}: {name}", value, "", facts) for name, value in values.items()]
        progress(f"{rule.task}: {values}; {matches(found)}; {matches(nothing)}")
    head = ["task", *values, "patterns", "patterns, random weights"]
    report(arguments, head, cells, rows, config)


if __name__ == "__main__":
    main()
