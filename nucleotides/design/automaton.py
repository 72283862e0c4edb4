"""Words that must not occur, as an automaton; the cheapest sequence that it lets through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.design.find_words import Words
from nucleotides.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Codes = NDArray[np.uint8]

_MOST_STATES = 20_000


@dataclass(frozen=True)
class Automaton:
    """A state is which beginnings of words the last bases are (Aho and Corasick 1975,
    10.1145/360825.360855, for words of IUPAC letters: sets of beginnings).

    Attributes:
        step: int64 (states, 5), the state after A C G T or N; -1 where a word would be complete.
            The first state is that of no bases.
    """

    step: Integers

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

    def cheapest(self, cost: Floats) -> Codes | None:
        """The sequence without any word that costs least, or None if there is none.

        Args:
            cost: (length, 5) of A C G T and N at each position; infinite where not allowed.
        """
        return self.cheapest_counted(cost, np.zeros(cost.shape, np.int64), (0, 0), (0, 0))

    def cheapest_counted(
        self, cost: Floats, count: Integers, between: tuple[int, int], end: tuple[int, int]
    ) -> Codes | None:
        """The cheapest sequence whose letters' counts sum to what is asked.

        Exact, by dynamic programming over positions, states and sums; of the way back only every
        so many positions are kept, and what lies between is computed again.

        Args:
            cost: (length, 5), as of `cheapest`.
            count: int64 (length, 5), what a letter adds to the sum.
            between: lowest and highest sum on the way, 0 among them.
            end: lowest and highest sum at the end.
        """
        low, high = between
        sums = np.arange(low, high + 1)
        value = np.zeros((len(self.step), sums.size))
        value[:, (sums < end[0]) | (sums > end[1])] = np.inf
        block = int(np.ceil(np.sqrt(len(cost))))
        parts = [slice(i, i + block) for i in range(0, len(cost), block)]
        sweep, kept = compiled(_sweep), list[Floats]()
        nothing = np.empty((0, 1, 1), np.uint8)
        for part in reversed(parts):
            kept.append(value)
            value = sweep(self.step, cost[part], count[part], value, nothing)
        if not np.isfinite(value[0, -low]):
            return None
        codes, state, total = np.empty(len(cost), np.uint8), 0, -low
        best = np.empty((block, *value.shape), np.uint8)
        for part in parts:
            sweep(self.step, cost[part], count[part], kept.pop(), best)
            for i, letters in zip(range(len(cost))[part], best, strict=False):
                codes[i] = letter = letters[state, total]
                state, total = self.step[state, letter], total + count[i, letter]
        return codes


def _sweep(step: Integers, cost: Floats, count: Integers, value: Floats, best: Codes) -> Floats:
    """What is cheapest from the first of some positions on, by state and sum (states, sums).

    Args:
        step: (states, 5).
        cost, count: (positions, 5).
        value: what is cheapest from behind the last of them on.
        best: (positions, states, sums), filled with letters; or of no positions.
    """
    states, sums = value.shape
    for i in range(len(cost) - 1, -1, -1):
        new = np.full((states, sums), np.inf)
        for state in range(states):
            for letter in range(5):
                after, more = step[state, letter], count[i, letter]
                if after < 0 or not np.isfinite(cost[i, letter]):
                    continue
                for total in range(max(0, -more), min(sums, sums - more)):
                    with_it = cost[i, letter] + value[after, total + more]
                    if with_it < new[state, total]:
                        new[state, total] = with_it
                        if len(best):
                            best[i, state, total] = letter
        value = new
    return value


def _after(
    state: frozenset[tuple[int, int]], base: int, words: Words
) -> frozenset[tuple[int, int]] | None:
    """Beginnings of words after one base more; None if one is a whole word."""
    begun = {(i, 0) for i in range(len(words))} | state
    longer = {(i, n + 1) for i, n in begun if words[i][n, base]}
    if any(n == len(words[i]) for i, n in longer):
        return None
    return frozenset(longer)
