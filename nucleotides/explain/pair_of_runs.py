"""One program run on windows and on their references, side by side."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nucleotides.explain.run_call import keep, run_call
from nucleotides.model.local.program import Call, Program, Value


class PairOfRuns:
    """Values of windows and of references, by number; gradients pass through those of references.

    Args:
        program: what the network computes.
        x: (n, 4, length), windows.
        references: (n * r, 4, length), r in a row for each window.

    Attributes:
        windows, references: the values.
        shape: n and r.
    """

    def __init__(self, program: Program, x: Tensor, references: Tensor) -> None:
        self.program, self.shape = program, (len(x), len(references) // len(x))
        self.windows, self.references = {0: x}, {0: references}

    def run_windows(self, call: Call) -> None:
        """Keep what a call makes of the windows."""
        with torch.no_grad():
            keep(call, run_call(self.program, call, self.windows, self.shape[0]), self.windows)

    def run_references(self, call: Call) -> Any:
        """What a call makes of the references."""
        n, r = self.shape
        return run_call(self.program, call, self.references, n * r)

    def ends(self, value: Value) -> tuple[Tensor, Tensor]:
        """A value of references (n, r, k, ...), and of windows (n, 1, k, ...)."""
        return self.by_window(self.references[value.number]), self.of_windows(value)

    def of_windows(self, value: Value) -> Tensor:
        """A value of windows (n, 1, k, ...), which stands beside those of references."""
        return self.beside(self.windows[value.number])

    def beside(self, tensor: Tensor) -> Tensor:
        """What is known of windows as (n, 1, k, ...)."""
        return self._split(tensor, 1)

    def by_window(self, tensor: Tensor) -> Tensor:
        """What is known of references as (n, r, k, ...)."""
        return self._split(tensor, self.shape[1])

    def _split(self, tensor: Tensor, r: int) -> Tensor:
        """The first dimension as three; of single references in any order, all in the last."""
        n = 1 if self.shape[1] == 1 else self.shape[0]
        return torch.unflatten(tensor, 0, (n, r, -1))

    def forget(self, numbers: list[int]) -> None:
        """Drop values."""
        for number in numbers:
            self.windows.pop(number, None)
            self.references.pop(number, None)
