"""Drawn windows in blocks, for tests of what is fitted to them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.metrics import ScoreRanks
from nucleotides.metrics.ranked import Ranked

Array = NDArray[np.float64]


def draw(
    n: int, truth: Callable[[Array], Array], tasks: int = 1, seed: int = 0
) -> tuple[Array, Array]:
    """Logits and labels, (n, tasks): positive with probability `truth(logit)`."""
    random = np.random.default_rng(seed)
    z = random.normal(-1, 2, (n, tasks)).astype(np.float32).astype(np.float64)
    return z, (random.random((n, tasks)) < truth(z)).astype(np.float64)


def rank_windows(z: Array, y: Array) -> Ranked:
    """As an evaluation ranks them."""
    scores = ScoreRanks(z.shape[1])
    scores.update(torch.tensor(z), torch.tensor(y))
    return scores.ranked()


def rank_blocks(z: Array, y: Array, n: int = 4) -> list[Ranked]:
    """The same in n blocks, in order."""
    pairs = zip(np.array_split(z, n), np.array_split(y, n), strict=True)
    return [rank_windows(*pair) for pair in pairs]


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def steps(z: Array) -> Array:
    """Rates that no line gives: three plateaus."""
    return np.select([z < -2, z < 1], [0.02, 0.3], 0.6)
