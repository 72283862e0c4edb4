"""How far several networks agree on what an allele does: passes of dropout, or members."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from nucleotides.errors import InputError
from nucleotides.genome import reverse_complement
from nucleotides.predict.effects.score_pairs import Codes, Logits, PairScorer
from nucleotides.predict.effects.thin_network import dropouts, thinned

if TYPE_CHECKING:
    from nucleotides.predict.model import Model

Scorer = Callable[[Codes, Codes], tuple[Logits, Logits]]
"""Codes of reference and alternate windows to logits of the first, and what the second adds."""


def networks_of(model: Model, passes: int, *, both_strands: bool) -> list[Scorer]:
    """What to compare: `passes` thinned networks, or the members of an ensemble; [] if neither.

    Raises:
        InputError: passes of an ensemble, a single pass, or passes of a model without dropout.
    """
    from nucleotides.predict.ensemble import Ensemble  # which is a Model, and that imports this

    if isinstance(model, Ensemble):
        if passes:
            raise InputError(
                "dropout passes are of one model; of several, the standard deviation is over "
                "them: leave out --dropout-passes, and ask for the score diff_std"
            )
        members = model.members.values()
        return [PairScorer(member, both_strands=both_strands) for member in members]
    if passes and not dropouts(model.network):
        raise InputError(
            f"{type(model.network).__name__} has no dropout, so its passes would all be the same: "
            "leave out --dropout-passes, or load several models as one and ask for diff_std"
        )
    if passes == 1:
        raise InputError("one pass of dropout has no standard deviation: ask for 2 or more")
    return [_Pass(model, number, both_strands) for number in range(passes)]


class _Pass:
    """Scores pairs of windows with one thinned network."""

    def __init__(self, model: Model, number: int, both_strands: bool) -> None:
        self._model, self._number, self._both_strands = model, number, both_strands

    def __call__(self, ref: Codes, alt: Codes) -> tuple[Logits, Logits]:
        with thinned(self._model.network, self._number):
            z_ref, z_alt = self._logits(ref), self._logits(alt)
        changed = (ref != alt).any(axis=1, keepdims=True)
        return z_ref, np.where(changed, z_alt - z_ref, 0.0)

    def _logits(self, codes: Codes) -> Logits:
        forward = self._model.logits(codes).astype(np.float64)
        if not self._both_strands:
            return forward
        return (forward + self._model.logits(reverse_complement(codes))) / 2


def average(scorer: Scorer, pairs: Sequence[tuple[Codes, Codes]]) -> tuple[Logits, Logits]:
    """Mean logits and mean differences over the pairs of windows of the same alleles."""
    found = [scorer(ref, alt) for ref, alt in pairs]
    n = len(found)
    return np.asarray(sum(z for z, _ in found) / n), np.asarray(sum(d for _, d in found) / n)


def spread(networks: Sequence[Scorer], pairs: Sequence[tuple[Codes, Codes]]) -> NDArray[np.float64]:
    """Standard deviation over networks (not one less) of the difference of probabilities."""
    differences = []
    for network in networks:
        ref, difference = average(network, pairs)
        differences.append(expit(ref + difference) - expit(ref))
    return np.asarray(np.std(differences, axis=0))
