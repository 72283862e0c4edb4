"""From logits to the values that an objective is about, differentiable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.errors import InputError
from nucleotides.metrics.background import TAILS, Background

if TYPE_CHECKING:
    from nucleotides.design.objective import Scale
    from nucleotides.metrics.monotone import Calibration
    from nucleotides.predict import Model


class Values:
    """Values of some tasks on a scale (`Objective.scale`).

    Args:
        model: knows its calibration and background, perhaps.
        scale: logit, quantile or probability.
        columns: of the tasks among the model's.

    Raises:
        InputError: quantiles of a model that knows no background.
    """

    def __init__(self, model: Model, scale: Scale, columns: NDArray[np.int64]) -> None:
        self.scale, self._columns = scale, torch.from_numpy(columns)
        self._n = len(model.tasks)
        self._calibration: Calibration | None = model.calibration
        if scale == "quantile":
            if model.background is None:
                raise InputError(
                    "quantiles need the genome's: this model knows no background; use the bundle "
                    "that `post-process` leaves, or the scale logit"
                )
            self._ladder = Ladder(model.background, columns)

    def __call__(self, logits: Tensor) -> Tensor:
        """(n, columns) of logits (n, columns)."""
        if self.scale == "logit":
            return logits
        if self.scale == "quantile":
            return self._ladder(logits)
        if self._calibration is None:
            return logits.sigmoid()
        every = logits.new_zeros(len(logits), self._n).index_copy(1, self._columns, logits)
        return self._calibration.apply(every).index_select(1, self._columns).sigmoid()


class Ladder:
    """Minus the decimal logarithm of `Background.tail`, as a function that torch differentiates."""

    def __init__(self, background: Background, columns: NDArray[np.int64]) -> None:
        known = background.logits[columns].astype(np.float64)
        self._x = torch.from_numpy(known)
        self._tail = torch.from_numpy(TAILS.copy())
        self._least = 1 / (background.windows + 1)

    def __call__(self, logits: Tensor) -> Tensor:
        """(n, columns) of logits (n, columns)."""
        z = logits.double().T.contiguous()
        last = self._x.shape[1] - 1
        above = torch.searchsorted(self._x, z.detach(), right=False).clamp(1, last)
        low, high = (self._x.gather(1, at) for at in (above - 1, above))
        share = ((z - low) / (high - low).clamp(min=1e-12)).clamp(0, 1)
        tail = self._tail[above - 1] + share * (self._tail[above] - self._tail[above - 1])
        return -tail.clamp(min=self._least).log10().T.to(logits.dtype)
