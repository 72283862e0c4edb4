"""Logits of reference windows, and by how much those of alternate windows differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nucleotides.genome import reverse_complement

if TYPE_CHECKING:
    from nucleotides.predict.model import Model

Codes = NDArray[np.uint8]
Logits = NDArray[np.float64]


class PairScorer:
    """Scores pairs of windows with one model.

    Args:
        model: any model.
        both_strands: whether to average the logits of both strands.
    """

    def __init__(self, model: Model, *, both_strands: bool = False) -> None:
        self.model, self.both_strands = model, both_strands

    def __call__(self, ref: Codes, alt: Codes) -> tuple[Logits, Logits]:
        """Logits of `ref`, and those of `alt` less these.

        A pair of equal windows differs by 0, whatever its place in the batch; with `ref` and `alt`
        exchanged, differences change their sign.

        Args:
            ref, alt: codes (n, length).

        Returns:
            float64 (n, tasks), twice.
        """
        z_ref, z_alt = self._logits(ref), self._logits(alt)
        changed = (ref != alt).any(axis=1, keepdims=True)
        return z_ref, np.where(changed, z_alt - z_ref, 0.0)

    def _logits(self, codes: Codes) -> Logits:
        forward = self.model._scores(codes, recalibrated=False)
        if not self.both_strands:
            return forward
        return (forward + self.model._scores(reverse_complement(codes), recalibrated=False)) / 2
