"""Logits of reference windows, and by how much those of alternate windows differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from nucleotides.genome import reverse_complement
from nucleotides.model.local import follow_windows
from nucleotides.predict.check_numbers import check_numbers

if TYPE_CHECKING:
    from nucleotides.predict.model import Model

Codes = NDArray[np.uint8]
Integers = NDArray[np.int64]
Logits = NDArray[np.float64]
Precision = Literal["float32", "bfloat16"]
"""Of convolutions and large layers. bfloat16 takes a fraction of the time on processors that know
it; logits are then off by about a hundredth, and differences, computed as such, by little."""


class PairScorer:
    """Scores pairs of windows with one model.

    Windows that are alike but for a few bases share what they have in common: one of them is read,
    and of the others is computed what those bases can change (`model.local`). A network for which
    that cannot be done reads all windows.

    Args:
        model: any model.
        both_strands: whether to average the logits of both strands.
        precision: of convolutions and large layers.
    """

    def __init__(
        self, model: Model, *, both_strands: bool = False, precision: Precision = "float32"
    ) -> None:
        self.model, self.both_strands, self.precision = model, both_strands, precision
        self._evaluator = model.evaluator(precision)

    def __call__(self, ref: Codes, alt: Codes) -> tuple[Logits, Logits]:
        """Logits of `ref`, and those of `alt` less these.

        A pair of equal windows differs by 0, whatever its place in the batch; with `ref` and `alt`
        exchanged, differences change their sign.

        Args:
            ref, alt: codes (n, length).

        Returns:
            float64 (n, tasks), twice.

        Raises:
            StoreError: the model answers values that are no numbers.
        """
        if not self.both_strands:
            return self._score(ref, alt)
        there = self._score(ref, alt)
        back = self._score(reverse_complement(ref), reverse_complement(alt))
        return (there[0] + back[0]) / 2, (there[1] + back[1]) / 2

    def _score(self, ref: Codes, alt: Codes) -> tuple[Logits, Logits]:
        windows, place = _distinct(np.concatenate([ref, alt]))
        a, b = place[: len(ref)], place[len(ref) :]
        if self._evaluator is None:
            z = self.model._scores(windows, recalibrated=False)
            return z[a], z[b] - z[a]
        z, change = follow_windows(self._evaluator, windows, _bases(a, b))
        return check_numbers(z[a] + change[a]), check_numbers(change[b] - change[a])


def _distinct(windows: Codes) -> tuple[Codes, Integers]:
    """The different ones among windows (n, length), in order of their letters; places in these."""
    lines = np.ascontiguousarray(windows).view(f"V{windows.shape[1]}")[:, 0]
    found = sorted(set(lines.tolist()))
    place = {line: i for i, line in enumerate(found)}
    at = np.fromiter((place[line] for line in lines.tolist()), np.int64, len(lines))
    codes = np.frombuffer(bytearray().join(found), np.uint8).reshape(len(found), windows.shape[1])
    return codes, at


def _bases(a: Integers, b: Integers) -> Integers:
    """The window to start from, for each: of those it is paired with, however far, the most paired.

    The first of several; so it is the same one whichever window of a pair is the reference, and
    differences do not depend on that in their last bits. The windows of a saturation mutagenesis
    start from what they all are mutations of.
    """
    n = int(max(a.max(initial=-1), b.max(initial=-1))) + 1
    graph = coo_array((np.ones(a.size, np.int8), (a, b)), (n, n))
    _, group = connected_components(graph, directed=False)
    pairs = np.bincount(np.concatenate([a, b]), minlength=n)
    order = np.lexsort((-pairs, group))
    first = np.searchsorted(group[order], np.arange(n))
    return np.asarray(order[first[group]])
