"""What a method is given: one start, its scores, its constraints, its own random numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.check_numbers import check_whole
from nucleotides.design.judge import Judge
from nucleotides.design.permit import Permit

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Watch = Callable[[Codes, float], None]


@dataclass(frozen=True)
class Budget:
    """When to stop.

    Attributes:
        passes: windows through the network for each start, those of the check included, and those
            of which only a few bases changed.
        steps: steps of the method for each start, or None for as many as there are passes for.

    Raises:
        InputError: what is no whole number, or below 1.
    """

    passes: int = 10_000
    steps: int | None = None

    def __post_init__(self) -> None:
        check_whole("the budget of passes", self.passes, 1)
        if self.steps is not None:
            check_whole("the budget of steps", self.steps, 1)


class Search:
    """One start being improved. A method reports every sequence that it goes through.

    Args:
        begin: codes (length,), permitted.
        judge: gives scores.
        permit: of the start.
        budget: when to stop.
        rng: random numbers of this start alone.
        stir: whether another design is wanted than that which comes of doing what promises most;
            so it is of all copies and seeds but the first.
        watch: called with every sequence that is visited, and its score.

    Attributes:
        codes, score: the best sequence so far, and its score.
        curve: (passes, best score) whenever it became better, the start first.
        steps: steps so far.
    """

    def __init__(
        self,
        begin: Codes,
        judge: Judge,
        permit: Permit,
        budget: Budget,
        rng: np.random.Generator,
        watch: Watch | None = None,
        *,
        stir: bool = False,
    ) -> None:
        self.judge, self.permit, self.budget, self.rng = judge, permit, budget, rng
        self.stir = stir
        self._watch = watch
        self.steps = 0
        self.codes, self.score = begin, -np.inf
        self.curve: list[tuple[int, float]] = []
        self.visit(begin, float(judge.scores(begin[None])[0]))

    @property
    def room(self) -> int:
        """How many sequences more can be scored within the budget."""
        if self.budget.steps is not None and self.steps >= self.budget.steps:
            return 0
        return max(self.budget.passes - self.judge.passes, 0) // self.judge.cost

    @property
    def spent(self) -> float:
        """The part of the passes that is used, 0 to 1."""
        return min(self.judge.passes / self.budget.passes, 1.0)

    def visit(self, codes: Codes, score: float) -> None:
        """A sequence that a method stands at; the best one is kept."""
        if self._watch is not None:
            self._watch(codes, score)
        if score > self.score:
            self.codes, self.score = codes.copy(), score
            self.curve.append((self.judge.passes, score))


class Method(Protocol):
    """A way to improve a sequence."""

    def improve(self, search: Search) -> None:
        """Go on from `search.codes` until it is no use, or there is no room; visit what is found.

        Every sequence visited is permitted.
        """


def rng_of(seed: int, codes: Codes, copy: int = 0) -> np.random.Generator:
    """Random numbers that depend on the seed, the start and the number of its copy alone."""
    digest = hashlib.sha256(codes.tobytes()).digest()
    words = np.frombuffer(digest, np.uint32).tolist()
    return np.random.default_rng([seed, copy, *words])
