"""Small models of which the best sequence is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from nucleotides.genome import encode, one_hot
from nucleotides.metrics.background import TAILS, Background
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.predict import Model
from tests import toy

LENGTH, TASKS = 24, ["k562_ctcf", "k562_hnf4a", "hepg2_ctcf"]
MOTIF = "TGACTCA"


class Linear(FunctionalModel):
    """Each base of each position adds a number to each task's logit: its best is known."""

    def __init__(self, n_tasks: int, length: int = LENGTH, seed: int = 0) -> None:
        super().__init__(n_tasks, length)
        rng = np.random.default_rng(seed)
        weights = rng.normal(size=(n_tasks, 4, length)).astype(np.float32)
        self.weights = nn.Parameter(torch.from_numpy(weights))

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1) @ self.weights.flatten(1).T


class Matches(FunctionalModel):
    """How many bases of a motif the best place matches, for the first task; 0 for the others."""

    def __init__(self, n_tasks: int, length: int = LENGTH, motif: str = MOTIF) -> None:
        super().__init__(n_tasks, length)
        self.register_buffer("motif", torch.from_numpy(one_hot(encode(motif)[None])))

    def forward(self, x: Tensor) -> Tensor:
        best = nn.functional.conv1d(x, self.motif).amax(2)  # type: ignore[arg-type]
        return torch.cat([best, best.new_zeros(len(x), self.n_tasks - 1)], 1)


class Spaced(FunctionalModel):
    """For the first task, two motifs: 1 for the first, 3 more for the second so far behind it."""

    def __init__(self, n_tasks: int, length: int, motifs: tuple[str, str], apart: int) -> None:
        super().__init__(n_tasks, length)
        self.apart = apart
        for name, motif in zip(("first", "second"), motifs, strict=True):
            self.register_buffer(name, torch.from_numpy(one_hot(encode(motif)[None])))

    def forward(self, x: Tensor) -> Tensor:
        """See `FunctionalModel`."""
        first, second = (
            nn.functional.relu(nn.functional.conv1d(x, motif)[:, 0] - motif.shape[2] + 1)
            for motif in (self.first, self.second)
        )
        n = second.shape[1] - self.apart
        pair = first[:, :n] * second[:, self.apart :]
        best = first.amax(1) + 3 * pair.amax(1)
        return torch.stack([best, *[torch.zeros_like(best)] * (self.n_tasks - 1)], 1)


def model_of(network: FunctionalModel, **known: object) -> Model:
    """A model with the tasks here."""
    tasks = pd.DataFrame({"task": TASKS[: network.n_tasks]})
    return Model(network.eval(), tasks, step=5, **known)  # type: ignore[arg-type]


def linear(seed: int = 0, n_tasks: int = 3, length: int = LENGTH, **known: object) -> Model:
    return model_of(Linear(n_tasks, length, seed), **known)


def weights(model: Model) -> np.ndarray:
    """Of a linear model: (tasks, 4, length)."""
    return model.network.weights.detach().numpy()  # type: ignore[union-attr, no-any-return]


def background(n_tasks: int = 3) -> Background:
    """A genome in which many windows score alike."""
    rng = np.random.default_rng(0)
    scores = np.round(rng.normal(size=(n_tasks, 500)) * 3, 0)
    logits = np.quantile(scores, 1 - TAILS, axis=1).T.astype(np.float32)
    mean = np.zeros(n_tasks)
    return Background(TASKS[:n_tasks], logits, mean, mean + 1, 500)


def starts(n: int = 3, length: int = LENGTH) -> list[str]:
    return [toy.sequence(length, seed) for seed in range(n)]


def write_meme(path: Path, motifs: dict[str, str]) -> Path:
    """Motifs that are one sequence each."""
    text = "MEME version 4\n\nALPHABET= ACGT\n\n"
    for name, bases in motifs.items():
        rows = "\n".join(
            " ".join("0.97" if letter == base else "0.01" for letter in "ACGT") for base in bases
        )
        text += f"MOTIF {name}\nletter-probability matrix: alength= 4 w= {len(bases)}\n{rows}\n\n"
    path.write_text(text)
    return path
