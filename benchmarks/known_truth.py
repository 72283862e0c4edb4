"""Explanations against known truth: planted motifs found again, and named.

Sequences of 200 random bases with planted JASPAR motifs; three tasks: CTCF there; FOXA1 and HNF4A
within 20 bases, in this order on one strand (both are planted apart, too, as decoys); SPI1 unless
GATA1. Three in a hundred labels are wrong. A Basset of few channels, whose filters begin at
random, is trained on them.

- Ceilings: the AUROC of one who knows what was planted (the rule), and of one who knows all about
  how sequences were made and reads them alone (the likelihoods of the hypotheses, background and
  motif both being known; elements are taken as independent).
- Sites: of the planted sites that make a held-out sequence positive, those that one of the top
  k + 1 seqlets of the sequence covers by half or more, k being their number in it.
- Motifs: the patterns of TF-MoDISco and their best match in JASPAR, q by Benjamini-Hochberg over
  the motifs of JASPAR. The same of the network with random weights, which should find none.

python benchmarks/known_truth.py [--epochs N] [--explained N] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import torch
from common import configuration, parser, progress, report, row
from sklearn.metrics import roc_auc_score
from torch.nn.functional import binary_cross_entropy_with_logits

from nucleotides.explain import saturation_mutagenesis
from nucleotides.explain.seqlets import find_seqlets
from nucleotides.explain.simulate import Element, Rule, Simulation, random_backgrounds, simulate
from nucleotides.explain.weigh_bases import actual, hypothetical
from nucleotides.genome import one_hot, reverse_complement
from nucleotides.model.basset import Basset
from nucleotides.model.motifs import SHIPPED_MOTIFS, Motif, read_meme
from nucleotides.predict import Model

LENGTH, NOISE, TRAINING, HELD_OUT = 200, 0.03, 30_000, 4_000
MOTIFS = {
    **{"CTCF": "MA0139.2", "FOXA1": "MA0148.5", "HNF4A": "MA0114.5"},
    **{"SPI1": "MA0080.7", "GATA1": "MA0035.5"},
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
    backgrounds = random_backgrounds(n, LENGTH, gc=0.42, seed=seed)
    return simulate(known(), ELEMENTS, RULES, backgrounds, noise=NOISE, seed=seed)


def known() -> dict[str, Motif]:
    """What is planted."""
    by_id = {motif.name.split()[0]: motif for motif in read_meme(SHIPPED_MOTIFS)}
    return {name: by_id[identifier] for name, identifier in MOTIFS.items()}


def new_model(seed: int = 0) -> Model:
    """A network with random weights."""
    torch.manual_seed(seed)
    network = Basset(len(RULES), LENGTH, (64, 64, 64), 128, dropout=0.2).eval()
    return Model(network, pd.DataFrame({"task": [rule.task for rule in RULES]}), 200)


def train(model: Model, data: Simulation, epochs: int) -> None:
    """Adam, either strand at random, a learning rate that falls to nothing."""
    network, rng = model.network.train(), np.random.default_rng(0)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=1e-3)
    steps = epochs * (len(data.codes) // 128)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, steps)
    for epoch in range(epochs):
        order = rng.permutation(len(data.codes))
        total = 0.0
        for i in range(len(order) // 128):
            some = order[i * 128 : (i + 1) * 128]
            codes = data.codes[some]
            x = one_hot(reverse_complement(codes) if rng.random() < 0.5 else codes)
            labels = torch.from_numpy(data.labels[some]).float()
            loss = binary_cross_entropy_with_logits(network(torch.from_numpy(x)), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        progress(f"epoch {epoch + 1}: loss {total / (len(order) // 128):.4f}")
    network.eval()
