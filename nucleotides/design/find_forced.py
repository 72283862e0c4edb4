"""Forbidden words that stand in a sequence whatever is chosen for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nucleotides.design.constraints import Constraints, as_word
from nucleotides.design.permit import Permit

Bools = NDArray[np.bool_]


def forced_word(permit: Permit) -> str:
    """The first word that cannot be avoided and where it stands (0-based, half-open), in words.

    Where none is forced by itself, all of them: it is together that they cannot be avoided.
    """
    for told, word in _words(permit.constraints):
        at = _forced(permit.allowed, word)
        if at.size:
            return f"{told} cannot be avoided at positions {at[0]}-{at[0] + len(word)}"
    words = ", ".join(dict.fromkeys(told for told, _ in _words(permit.constraints)))
    return f"these cannot all be avoided: {words}"


def _words(rules: Constraints) -> Iterator[tuple[str, Bools]]:
    """What a word is called, and which bases (width, 4) it matches."""
    for letters in rules.forbidden:
        word = as_word(letters)
        yield f"the forbidden word {letters}", word
        yield f"the forbidden word {letters} (on the other strand)", word[::-1, ::-1]
    most = rules.longest_homopolymer
    for base in "ACGT" if most is not None else "":
        run = (most or 0) + 1
        yield f"a run of {run} {base}", as_word(base * run)


def _forced(allowed: Bools, word: Bools) -> NDArray[np.intp]:
    """Where every base or N that is allowed (length, 5) is one that the word matches."""
    if len(word) > len(allowed):
        return np.empty(0, np.intp)
    other = np.append(~word, np.ones((len(word), 1), np.bool_), axis=1)
    windows = sliding_window_view(allowed, len(word), axis=0)
    return np.flatnonzero(~(windows & other.T).any((1, 2)))
