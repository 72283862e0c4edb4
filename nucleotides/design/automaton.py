"""Words that must not occur, as an automaton; the cheapest sequence that it lets through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.find_words import Words
from nucleotides.errors import InputError

_MOST_STATES = 20_000


@dataclass(frozen=True)
class Automaton:
    """A state is which beginnings of words the last bases are (Aho and Corasick 1975,
    10.1145/360825.360855, for words of IUPAC letters: sets of beginnings).

    Attributes:
        step: int64 (states, 5), the state after A C G T or N; -1 where a word would be complete.
            The first state is that of no bases.
    """

    step: NDArray[np.int64]

    @classmethod
    def of(cls, words: Words) -> Automaton:
        """That of some words.

        Raises:
            InputError: too many states, as many-lettered words with long gaps have.
        """
        number: dict[frozenset[tuple[int, int]], int] = {frozenset(): 0}
        waiting, rows = [frozenset[tuple[int, int]]()], list[list[int]]()
        while waiting:
            state = waiting.pop(0)
            row = []
            for base in range(4):
                after = _after(state, base, words)
                if after is not None and after not in number:
                    number[after] = len(number)
                    waiting.append(after)
                row.append(-1 if after is None else number[after])
            rows.append([*row, 0])
            if len(number) > _MOST_STATES:
                raise InputError("the forbidden words are too many or too ambiguous: give fewer")
        return cls(np.array(rows, np.int64))

    def cheapest(self, cost: NDArray[np.float64]) -> NDArray[np.uint8] | None:
        """The sequence without any word that costs least, or None if there is none.

        Args:
            cost: (length, 5) of A C G T and N at each position; infinite where not allowed.
        """
        length, n = len(cost), len(self.step)
        total = np.full(n, np.inf)
        total[0] = 0
        came = np.zeros((length, n), np.int64)
        base = np.zeros((length, n), np.uint8)
        for i in range(length):
            new = np.full(n, np.inf)
            for letter in range(5):
                with_it = total + cost[i, letter]
                from_ = np.flatnonzero((self.step[:, letter] >= 0) & np.isfinite(with_it))
                from_ = from_[np.argsort(-with_it[from_], kind="stable")]  # the cheapest is last
                to = self.step[from_, letter]
                best, way = np.full(n, np.inf), np.zeros(n, np.int64)
                best[to], way[to] = with_it[from_], from_
                better = best < new
                new[better], came[i, better], base[i, better] = best[better], way[better], letter
            total = new
        state = int(total.argmin())
        if not np.isfinite(total[state]):
            return None
        codes = np.empty(length, np.uint8)
        for i in range(length - 1, -1, -1):
            codes[i], state = base[i, state], came[i, state]
        return codes


def _after(
    state: frozenset[tuple[int, int]], base: int, words: Words
) -> frozenset[tuple[int, int]] | None:
    """Beginnings of words after one base more; None if one is a whole word."""
    begun = {(i, 0) for i in range(len(words))} | state
    longer = {(i, n + 1) for i, n in begun if words[i][n, base]}
    if any(n == len(words[i]) for i, n in longer):
        return None
    return frozenset(longer)
