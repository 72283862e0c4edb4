"""Small networks to explain, and what holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.local import LocalEvaluator, open_evaluator

LENGTH, TASKS = 50, 3


class Net(FunctionalModel):
    """A function of one-hot windows."""

    def __init__(self, body: Callable[[Tensor], Tensor], length: int = LENGTH) -> None:
        super().__init__(TASKS, length)
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)


class Held:
    """A model as `explain` sees it."""

    def __init__(
        self, network: FunctionalModel, *, followed: bool = True, both_strands: bool = False
    ) -> None:
        self.network = network.eval()
        network.both_strands = both_strands
        self.sequence_length = network.sequence_length
        self.tasks = pd.DataFrame({"task": [f"t{i}" for i in range(network.n_tasks)]})
        self._evaluator = open_evaluator(self.network) if followed else None

    def logits(self, sequences: NDArray[Any]) -> NDArray[np.float32]:
        x = torch.from_numpy(sequences)
        x = one_hot(x) if x.ndim == 2 else x.float()
        with torch.no_grad():
            z = self.network(x)
            if self.network.both_strands:
                z = (z + self.network(reverse_complement(x))) / 2
        return np.asarray(z.numpy())

    def evaluator(self, precision: str = "float32") -> LocalEvaluator | None:
        assert precision == "float32"
        return self._evaluator


def convolutional(seed: int = 0) -> nn.Sequential:
    """Convolutions, activations and pooling, as captum can handle them.

    captum's hooks are wrong where an activation and a pooling share a tensor, so a module stands
    between them.
    """
    torch.manual_seed(seed)
    return nn.Sequential(
        *(nn.Conv1d(4, 8, 5), nn.ReLU(), Apart(), nn.MaxPool1d(2), Apart()),
        *(nn.Conv1d(8, 8, 3), nn.ELU(), Apart(), nn.MaxPool1d(3), nn.Flatten()),
        *(nn.Linear(56, 16), nn.Sigmoid(), nn.Linear(16, TASKS)),
    )


class Apart(nn.Module):
    """A tensor of its own."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 1


def windows(n: int = 2, length: int = LENGTH, seed: int = 0, unknown: bool = False) -> Any:
    """Codes (n, length)."""
    top = 5 if unknown else 4
    return np.random.default_rng(seed).integers(0, top, (n, length)).astype(np.uint8)
