"""Greedy evolution: the best exchanges of bases, again and again, each tried before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.design.check_numbers import check_whole
from nucleotides.design.search import Search
from nucleotides.genome import one_hot

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]

_TOLERANCE, _LEAP = 1e-6, 1e-3
_LEAST = 16


class Tried(NamedTuple):
    """Exchanges that were scored, (k,) each: where, which base instead, and the score then."""

    position: NDArray[np.int64]
    base: Codes
    score: Floats


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
        self._climb(search, Stand(search.codes, search.score))
        vain = 0
        while search.room and vain < self.patience:
            before = search.score
            kicked = self._kicked(search)
            if kicked is None:
                return
            self._climb(search, kicked)
            vain = 0 if search.score > before + _TOLERANCE else vain + 1

    def _climb(self, search: Search, at: Stand) -> None:
        while search.room:
            better = self._step(search, at)
            if better is None:
                return
            at = better
            search.steps += 1
            search.visit(*at)

    def _step(self, search: Search, at: Stand) -> Stand | None:
        position, base = ranked_exchanges(search, at.codes, rank=self.shortlist > 0)
        if self.shortlist and self._most(search) > 1 and position.size:
            leap = self._together(search, at, position, base)
            if leap and leap.score > at.score + _LEAP:
                return leap
        tried: list[Tried] = []
        first, size = 0, self._size(search, at) or position.size
        while first < position.size and search.room:
            some = slice(first, first + min(size, search.room))
            found = try_exchanges(search, at.codes, position[some], base[some])
            if found.score.max() > at.score + _TOLERANCE:
                return self._take(search, at, found)
            tried.append(found)
            first, size = some.stop, size * 2
        return self._pair(search, at, tried) if tried else None

    def _size(self, search: Search, at: Stand) -> int:
        """How many exchanges to compute first: counted edits are to be made in half of the room."""
        if search.permit.constraints.max_edits is None or not self.shortlist:
            return self.shortlist
        left = search.permit.max_edits - int((at.codes != search.permit.start).sum())
        return int(
            np.clip(search.room // (2 * left + 1), min(_LEAST, self.shortlist), self.shortlist)
        )

    def _take(self, search: Search, at: Stand, tried: Tried) -> Stand:
        """The best exchange, or the best few together."""
        order = np.argsort(-tried.score, kind="stable")
        best = Stand(exchange(at.codes, tried, order[:1]), float(tried.score[order[0]]))
        useful = order[tried.score[order] > at.score + _TOLERANCE]
        several = self._together(search, at, tried.position[useful], tried.base[useful], 2)
        return several if several and several.score > best.score else best

    def _most(self, search: Search) -> int:
        """Exchanges made in a step."""
        return self.together if search.permit.constraints.max_edits is None else 1

    def _together(
        self, search: Search, at: Stand, position: NDArray[np.int64], base: Codes, n: int = 1
    ) -> Stand | None:
        """The best of the first n, 2 n, 4 n, ... exchanges, as far as they are permitted."""
        sets, most = list[Codes](), min(self._most(search), position.size)
        while n <= most and len(sets) < search.room:
            wanted = at.codes.copy()
            wanted[position[:n][::-1]] = base[:n][::-1]  # of two at a position, the better
            sets.append(search.permit.project(at.codes, wanted, position[:n]))
            n *= 2
        if not sets:
            return None
        scores = search.judge.scores(np.stack(sets))
        best = int(scores.argmax())
        return Stand(sets[best], float(scores[best]))

    def _pair(self, search: Search, at: Stand, tried: list[Tried]) -> Stand | None:
        """Two exchanges that help together, of which none helps alone."""
        every = Tried(*(np.concatenate(part) for part in zip(*tried, strict=True)))
        for one in np.argsort(-every.score, kind="stable")[: self.lookahead].tolist():
            first = exchange(at.codes, every, [one])
            position, base = ranked_exchanges(search, first, rank=True)
            other = position != every.position[one]
            some = slice(0, min(self.shortlist or position.size, search.room))
            position, base = position[other][some], base[other][some]
            if not position.size:
                continue
            found = try_exchanges(search, first, position, base)
            best = int(found.score.argmax())
            if found.score[best] > at.score + _TOLERANCE:
                return Stand(exchange(first, found, [best]), float(found.score[best]))
        return None

    def _kicked(self, search: Search) -> Stand | None:
        """Some random exchanges from the best sequence; None if none is permitted."""
        codes, permit = search.codes, search.permit
        full = int((codes != permit.start).sum()) >= permit.max_edits
        for _ in range(self.kick):
            possible = permit.changes(codes[None])[0]
            back = possible & (permit.start[:, None] == np.arange(4))
            position, base = np.nonzero(back if full and back.any() else possible)
            if not position.size:
                break
            i = int(search.rng.integers(position.size))
            codes = codes.copy()
            codes[position[i]] = base[i]
        if codes is search.codes:
            return None
        return Stand(codes, float(search.judge.scores(codes[None])[0]))


def ranked_exchanges(
    search: Search, codes: Codes, *, rank: bool
) -> tuple[NDArray[np.int64], Codes]:
    """Positions and bases of all permitted exchanges, the most promising by derivative first."""
    position, base = np.nonzero(search.permit.changes(codes[None])[0])
    if rank and search.room and position.size:
        slope = search.judge.slopes(torch.from_numpy(one_hot(codes[None])))[1][0].numpy()
        own = np.append(slope, slope.mean(0)[None], axis=0)[codes, np.arange(codes.size)]
        order = np.argsort(-(slope[base, position] - own[position]), kind="stable")
        position, base = position[order], base[order]
    return position, base.astype(np.uint8)


def try_exchanges(search: Search, codes: Codes, position: NDArray[np.int64], base: Codes) -> Tried:
    """Score exchanges of a base."""
    return Tried(position, base, search.judge.exchanges(codes, position, base))


def exchange(codes: Codes, tried: Tried, which: NDArray[np.int64] | list[int]) -> Codes:
    """A sequence with some exchanges made; of two at a position the last one holds."""
    out = codes.copy()
    out[tried.position[which]] = tried.base[which]
    return out
