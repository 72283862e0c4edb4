"""Simulated annealing: random exchanges, of which ever fewer that hurt are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.check_numbers import check_number
from nucleotides.design.exchanges import draw_moves
from nucleotides.design.search import Search
from nucleotides.design.voice import exchanged
from nucleotides.errors import InputError

Codes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

_SAMPLED, _FEWEST, _MOST = 32, 2, 64
_HOTTEST = 1000.0


@dataclass(frozen=True)
class Anneal:
    """Simulated annealing (Kirkpatrick et al. 1983, 10.1126/science.220.4598.671).

    An exchange of a base, drawn from all that are permitted, is made if the score rises, or with
    probability exp(change / temperature) (Metropolis). The temperature falls geometrically with
    the passes used: from `hot` to `cold` times the mean size of a random exchange's effect, which
    some exchanges of the start tell. Exchanges are drawn some at a time and computed together,
    by what a base can change; those behind the first that is made are not looked at. Where all
    edits are used up, half of them are swaps: one edit is taken back and another one made. With an
    exchange that the GC range bars goes one that makes it good.

    Attributes:
        hot, cold: first and last temperature.

    Raises:
        InputError: temperatures that do not fall, or are not from 0 to 1,000.
    """

    hot: float = 1.0
    cold: float = 0.01

    def __post_init__(self) -> None:
        for name in ("hot", "cold"):
            check_number(name, getattr(self, name), 0, _HOTTEST, above=True)
        if self.hot < self.cold:
            raise InputError("temperatures fall from hot to cold and stay above 0")

    def improve(self, search: Search) -> None:
        """See `Method`."""
        codes, score, size, unit = search.codes, search.score, _SAMPLED, 0.0
        while search.room:
            drawn = self._neighbours(search, codes, min(size, search.room))
            if not len(drawn):
                return
            luck, spent = search.rng.random(len(drawn)), search.spent
            gain = _scores(search, codes, drawn) - score
            unit = unit or float(np.abs(gain).mean()) or 1.0
            temperature = unit * self.hot * (self.cold / self.hot) ** spent
            made = np.flatnonzero(luck < np.exp(np.minimum(gain / temperature, 0)))
            search.steps += 1
            if not made.size:
                size = min(size * 2, _MOST)
                continue
            first = int(made[0])
            codes, score = drawn[first], score + float(gain[first])
            search.visit(codes, score)
            size = max(min(size, 2 * (first + 1)), _FEWEST)

    def _neighbours(self, search: Search, codes: Codes, n: int) -> Codes:
        """Random exchanges, or swaps where all edits are used up: (n or fewer, length)."""
        permit, rng = search.permit, search.rng
        edited = np.flatnonzero(codes != permit.start)
        if edited.size < permit.max_edits:
            return draw_moves(permit, rng, codes, n)
        drawn = [draw_moves(permit, rng, codes, n - n // 2)]
        for at in rng.choice(edited, n // 2).tolist():
            back = codes.copy()
            back[at] = permit.start[at]
            if permit.permits(back[None])[0]:
                other = permit.changes(back[None])[0]
                other[at] = False
                drawn.append(_exchanged(rng, back, other, 1))
        mixed = np.concatenate(drawn)
        return mixed[rng.permutation(len(mixed))]


def _exchanged(rng: np.random.Generator, codes: Codes, changes: Bools, n: int) -> Codes:
    """Exchanges of one base drawn from those that are True in (length, 4), all alike."""
    position, base = np.nonzero(changes)
    if not position.size:
        return codes[None][:0]
    drawn = rng.integers(position.size, size=n)
    return exchanged(codes, position[drawn], base[drawn].astype(np.uint8))


def _scores(search: Search, codes: Codes, drawn: Codes) -> NDArray[np.float64]:
    """Single exchanges and swaps, each the cheapest way."""
    differs = drawn != codes
    single = differs.sum(1) == 1
    at = differs[single].argmax(1)
    scores = np.empty(len(drawn))
    scores[single] = search.judge.exchanges(codes, at, drawn[single, at])
    scores[~single] = search.judge.patches(codes, drawn[~single])
    return scores
