"""Greedy evolution: the best exchanges of bases, again and again, each tried before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.check_numbers import check_whole
from nucleotides.design.exchanges import Exchanges, draw_move, take_back
from nucleotides.design.rank_exchanges import (
    apart,
    gain_of,
    moves_of,
    ranked_exchanges,
    some_promising,
    try_exchanges,
)
from nucleotides.design.search import Search

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_TOLERANCE, _LEAP = 1e-6, 1e-3
_LEAST = 16
_PAIRS = 8


class Stand(NamedTuple):
    """Where a climb stands."""

    codes: Codes
    score: float


@dataclass(frozen=True)
class Substitute:
    """In-silico evolution by exchanges of bases.

    A step: the derivative of the score, one pass forward and back, ranks all permitted exchanges;
    the first 1, 2, 4, ... up to `together` of them are made at once, each set is scored, and the
    best one is where the next step begins. Where none helps (derivatives are of small changes, and
    bases are not), the first `shortlist` exchanges are computed one by one, exactly, by what a base
    can change, which takes a tenth of a pass's time; if none of these helps, twice as many of the
    next, up to all of them. Of those that help the best is made, or the best few together where
    that scores higher. Where no exchange helps, pairs: after each of the `lookahead` exchanges that
    hurt least, the best second one. Where no pair helps, a kick (some random exchanges; with all
    edits used up, some of them taken back) and another climb from there, until `patience` kicks in
    a row were in vain.

    An exchange that the GC range bars is computed too, and made together with one the other way:
    the best that raise the GC content with the best that lower it.

    With `shortlist` 0 all exchanges are computed at every step and the best is made, which is the
    method as Vaishnav et al. 2022 (10.1038/s41586-022-04506-6) and Taskiran et al. 2024
    (10.1038/s41586-023-06936-2) have it; `together` 1 makes one a step.

    Attributes:
        shortlist: exchanges computed first; 0 for all, and no derivatives. Fewer where edits are
            counted and passes are few.
        together: exchanges made in a step at most; one where edits are counted, since every one
            has to be worth it.
        lookahead: first exchanges of pairs that are tried; 0 for no pairs.
        patience: kicks in vain until the end; 0 for none.
        kick: exchanges of a kick.

    Raises:
        InputError: numbers that mean nothing.
    """

    shortlist: int = 128
    together: int = 64
    lookahead: int = 4
    patience: int = 20
    kick: int = 6

    def __post_init__(self) -> None:
        for name in ("together", "kick"):
            check_whole(name, getattr(self, name), 1)
        for name in ("shortlist", "lookahead", "patience"):
            check_whole(name, getattr(self, name), 0)

    def improve(self, search: Search) -> None:
        """See `Method`."""
        self._climb(search, self._begin(search))
        vain = 0
        while search.room and vain < self.patience:
            before = search.score
            kicked = self._kicked(search)
            if kicked is None:
                return
            self._climb(search, kicked)
            vain = 0 if search.score > before + _TOLERANCE else vain + 1

    def _begin(self, search: Search) -> Stand:
        """Where the first climb begins; for another design than the first, a bit elsewhere."""
        at = Stand(search.codes, search.score)
        if search.steps or not search.stir or search.room < 2:
            return at
        few = max(search.permit.max_edits // 3, 1)
        codes = some_promising(search, at.codes, min(self.kick, few))
        return Stand(codes, float(search.judge.scores(codes[None])[0]))

    def _climb(self, search: Search, at: Stand) -> None:
        while search.room:
            better = self._step(search, at)
            if better is None:
                return
            at = better
            search.steps += 1
            search.visit(*at)

    def _step(self, search: Search, at: Stand) -> Stand | None:
        ranked, gain = ranked_exchanges(search, at.codes, rank=self.shortlist > 0)
        if self.shortlist and self._most(search) > 1 and gain.size:
            leap = self._together(search, at, ranked, moves_of(search, at.codes, ranked, gain))
            if leap and leap.score > at.score + _LEAP:
                return leap
        scores = np.empty(0)
        size = self._size(search, at) or gain.size
        while scores.size < gain.size and search.room:
            some = slice(scores.size, scores.size + min(size, search.room))
            scores = np.append(scores, try_exchanges(search, at.codes, ranked.take(some)))
            better = self._take(search, at, ranked.take(slice(scores.size)), scores)
            if better is not None:
                return better
            size *= 2
        return self._pair(search, at, ranked, scores)

    def _size(self, search: Search, at: Stand) -> int:
        """How many exchanges to compute first: counted edits are to be made in half of the room."""
        if search.permit.constraints.max_edits is None or not self.shortlist:
            return self.shortlist
        left = search.permit.max_edits - int((at.codes != search.permit.start).sum())
        return int(
            np.clip(search.room // (2 * left + 1), min(_LEAST, self.shortlist), self.shortlist)
        )

    def _take(self, search: Search, at: Stand, tried: Exchanges, scores: Floats) -> Stand | None:
        """The best exchange, or the best few together; None if none helps."""
        gain = scores - at.score
        moves = moves_of(search, at.codes, tried, gain)
        useful = moves[gain_of(moves, gain) > _TOLERANCE]
        single = useful[useful[:, 0] == useful[:, 1]][:1]
        found = [Stand(tried.made(at.codes, single)[0], float(scores[i])) for i, _ in single]
        pairs = tried.made(at.codes, useful[useful[:, 0] != useful[:, 1]][:_PAIRS][: search.room])
        if len(pairs):
            both = search.judge.scores(pairs)
            found.append(Stand(pairs[both.argmax()], float(both.max())))
        several = self._together(search, at, tried, useful, 2)
        found += [several] if several else []
        best = max(found, key=lambda one: one.score, default=None)
        return best if best and best.score > at.score + _TOLERANCE else None

    def _most(self, search: Search) -> int:
        """Exchanges made in a step."""
        return self.together if search.permit.constraints.max_edits is None else 1

    def _together(
        self, search: Search, at: Stand, ranked: Exchanges, moves: Integers, n: int = 1
    ) -> Stand | None:
        """The best of the first n, 2 n, 4 n, ... moves, as far as they are permitted."""
        sets, most = list[Codes](), min(self._most(search), len(moves))
        while n <= most and len(sets) < search.room:
            some = apart(ranked.position[moves[:n]])
            made = moves[:n][some]
            sets.append(search.permit.follow(at.codes, ranked.position[made], ranked.base[made]))
            n *= 2
        if not sets:
            return None
        scores = search.judge.scores(np.stack(sets))
        best = int(scores.argmax())
        return Stand(sets[best], float(scores[best]))

    def _pair(self, search: Search, at: Stand, tried: Exchanges, scores: Floats) -> Stand | None:
        """Two exchanges that help together, of which none helps alone."""
        for one in np.argsort(-scores, kind="stable")[: self.lookahead].tolist():
            first = tried.made(at.codes, np.array([[one, one]]))[0]
            ranked, _ = ranked_exchanges(search, first, rank=True)
            other = ranked.take(ranked.alone & (ranked.position != tried.position[one]))
            other = other.take(slice(min(self.shortlist or other.base.size, search.room)))
            if not other.base.size:
                continue
            found = try_exchanges(search, first, other)
            best = int(found.argmax())
            if found[best] > at.score + _TOLERANCE:
                codes = other.made(first, np.array([[best, best]]))[0]
                return Stand(codes, float(found[best]))
        return None

    def _kicked(self, search: Search) -> Stand | None:
        """Some random exchanges from the best sequence; None if none is permitted."""
        codes, permit = search.codes, search.permit
        full = int((codes != permit.start).sum()) >= permit.max_edits
        for _ in range(self.kick):
            kicked = take_back(permit, search.rng, codes) if full else None
            kicked = draw_move(permit, search.rng, codes) if kicked is None else kicked
            if kicked is None:
                break
            codes = kicked
        if codes is search.codes:
            return None
        return Stand(codes, float(search.judge.scores(codes[None])[0]))
