"""Why a model predicts what it does of sequences: what was found, and how to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.explain import weigh_bases
from nucleotides.explain.methods import How

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Explanation:
    """What each base of sequences contributes to the predictions of tasks.

    Sequences may differ in length: arrays are as long as the longest one, and beyond the end of a
    shorter one codes are N and values 0.

    Attributes:
        names: of the sequences (n,).
        tasks: names of the tasks, in the order of `values`.
        how: the method and its options.
        codes: uint8 (n, length).
        lengths: int64 (n,), bases of each.
        values: float32 (n, tasks, 4, length), bases A C G T. Of mutagenesis: the prediction with
            this base at this position less that of the sequence, 0 at its own base. Of other
            methods: what each base contributes, or would if it were there (hypothetical
            contributions); of saliency, derivatives.
        gap: float64 (n, tasks), by how much contributions add up to more than the difference of
            logits that they should explain; of a longer sequence, the largest of its windows.
            None of methods that promise no sum.
    """

    names: list[Any]
    tasks: list[str]
    how: How
    codes: NDArray[np.uint8]
    lengths: NDArray[np.int64]
    values: Floats
    gap: NDArray[np.float64] | None = None

    @property
    def hypothetical(self) -> Floats:
        """What each base contributes or would, (n, tasks, 4, length): what TF-MoDISco reads."""
        return hypothetical_of(self.values, self.how)

    @property
    def contributions(self) -> Floats:
        """What the base that is there contributes, (n, tasks, length); an N contributes 0.

        Positive: the base raises the prediction. Of mutagenesis it is minus `mean_effect`.
        """
        return weigh_bases.actual(self.hypothetical, self.codes)

    @property
    def mean_effect(self) -> Floats:
        """Mean over the three other bases of p_alt - p_ref, (n, tasks, length), on `how.scale`.

        Negative: to lose the base lowers the prediction.

        Raises:
            InputError: another method than mutagenesis.
        """
        if not self.how.exchanges:
            raise InputError(f"{self.how.method} exchanges no bases: see .contributions")
        return -self.contributions


def hypothetical_of(values: Floats, how: How) -> Floats:
    """Hypothetical contributions of values (..., 4, length) found in this way."""
    return weigh_bases.hypothetical(values) if how.exchanges else values
