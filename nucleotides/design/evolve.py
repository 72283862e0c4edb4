"""A genetic algorithm: a population of sequences, selected, crossed and mutated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.check_numbers import check_number, check_whole
from nucleotides.design.exchanges import draw_move
from nucleotides.design.search import Search
from nucleotides.errors import InputError

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]

_TRIES = 4


@dataclass(frozen=True)
class Evolve:
    """Tournaments, two-point crossover, mutation, elitism (Goldberg 1989, Genetic Algorithms).

    Parents are the winners of tournaments. A child is one parent with a stretch of the other; a
    cross that breaks a constraint is drawn again, at last left out. Then as many bases mutate as
    the rate says, one at least: each mutation is drawn from all exchanges alike, so that every base
    of every position has the same chance (with one that the GC range bars goes one that makes it
    good). The `elite` goes on as it is.

    Attributes:
        population: sequences of a generation.
        tournament: contestants for each parent.
        elite: the best that are kept.
        mutation_rate: mutations of a child by base.
        crossover: the part of children that are crossed, 0 to 1.

    Raises:
        InputError: numbers that make no population.
    """

    population: int = 40
    tournament: int = 3
    elite: int = 4
    mutation_rate: float = 0.003
    crossover: float = 0.7

    def __post_init__(self) -> None:
        for name in ("population", "tournament", "elite"):
            check_whole(name, getattr(self, name), 1)
        if self.population <= self.elite:
            raise InputError("a population is larger than its elite, which is 1 or more")
        for name in ("mutation_rate", "crossover"):
            check_number(name, getattr(self, name), 0, 1)

    def improve(self, search: Search) -> None:
        """See `Method`."""
        codes, scores = search.codes[None], np.array([search.score])
        while search.room:
            n = min(self.population - min(self.elite, len(codes)), search.room)
            children = np.stack([self._child(search, codes, scores) for _ in range(n)])
            found = search.judge.scores(children)
            search.steps += 1
            for child, score in zip(children, found.tolist(), strict=True):
                search.visit(child, score)
            kept = np.argsort(-scores, kind="stable")[: self.elite]
            codes = np.concatenate([codes[kept], children])
            scores = np.concatenate([scores[kept], found])

    def _child(self, search: Search, codes: Codes, scores: Floats) -> Codes:
        rng = search.rng
        child = codes[self._winner(rng, scores)]
        if rng.random() < self.crossover:
            child = self._cross(search, child, codes[self._winner(rng, scores)])
        return mutate(search, child, max(1, int(rng.binomial(child.size, self.mutation_rate))))

    def _winner(self, rng: np.random.Generator, scores: Floats) -> int:
        some = rng.integers(scores.size, size=self.tournament)
        return int(some[scores[some].argmax()])

    def _cross(self, search: Search, one: Codes, other: Codes) -> Codes:
        """Two-point crossover."""
        for _ in range(_TRIES):
            first, end = np.sort(search.rng.integers(one.size + 1, size=2))
            child = one.copy()
            child[first:end] = other[first:end]
            if search.permit.permits(child[None])[0]:
                return child
        return one


def mutate(search: Search, codes: Codes, n: int) -> Codes:
    """Some permitted exchanges of a base, drawn one after the other, all alike."""
    for _ in range(n):
        mutant = draw_move(search.permit, search.rng, codes)
        if mutant is None:
            break
        codes = mutant
    return codes
