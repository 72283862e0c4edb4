"""Exchanges of bases that are permitted: alone, or two that keep the GC content together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.permit import Permit
from nucleotides.design.voice import exchanged

Codes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_GC = np.array([-1, 1, 1, -1, 0])
_TRIES = 8


class Exchanges(NamedTuple):
    """Exchanges of one base, (k,) each.

    Attributes:
        position, base: where, and which base instead.
        alone: whether it is permitted by itself; the GC range bars those that are not, and a
            second exchange the other way has to go with them.
        turn: 1 where it raises the GC content, -1 where it lowers it, 0 where it does neither.
    """

    position: Integers
    base: Codes
    alone: Bools
    turn: Integers

    def take(self, which: Integers | slice) -> Exchanges:
        """Some of them, in an order."""
        position, base, alone, turn = self
        return Exchanges(position[which], base[which], alone[which], turn[which])

    def made(self, codes: Codes, moves: Integers) -> Codes:
        """A sequence after each of some moves, (m, length).

        Args:
            codes: (length,).
            moves: (m, 2), numbers of two exchanges; twice the same for a single one.
        """
        out = np.repeat(codes[None], len(moves), axis=0)
        out[np.arange(len(moves))[:, None], self.position[moves]] = self.base[moves]
        return out


def possible_exchanges(permit: Permit, codes: Codes) -> Exchanges:
    """All exchanges of a permitted sequence (length,), by position and base.

    Those that only the GC range bars are among them, and where there are such, those that may go
    with them: of two that go together one may be an edit more than is allowed, where the other is
    one that is taken back.
    """
    alone, turn = permit.changes(codes[None])[0], np.sign(_GC[:4] - _GC[codes][:, None])
    wanted = alone
    if permit.bars_by_gc(codes):
        wanted = alone | (permit.changes_but_gc(codes[None], spare=1)[0] & (turn != 0))
    position, base = np.nonzero(wanted)
    at = position, base
    return Exchanges(position, base.astype(np.uint8), alone[at], turn[at])


def pair_up(
    permit: Permit, codes: Codes, exchanges: Exchanges, gain: Floats, most: int
) -> Integers:
    """Pairs of exchanges (m, 2) that keep the GC content together, where one is barred alone.

    The best that raise it with the best that lower it, the second best with the second best, and
    so on; where edits are used up also those with the best that cost none. All are permitted.

    Args:
        permit: of the start.
        codes: (length,), permitted.
        exchanges: of it.
        gain: of each exchange, (k,).
        most: pairs of a kind.
    """
    if exchanges.alone.all():
        return np.empty((0, 2), np.int64)
    order = np.argsort(-gain, kind="stable")
    up, down = (order[exchanges.turn[order] == turn] for turn in (1, -1))
    kinds = [(up, down)]
    if int((codes != permit.start).sum()) + 2 > permit.max_edits:
        own = codes != permit.start
        free = own[exchanges.position] | (permit.start[exchanges.position] == exchanges.base)
        kinds += [(up[free[up]], down), (up, down[free[down]])]
    matched = [
        np.stack([one[:n], other[:n]], axis=1)
        for one, other in kinds
        for n in (min(one.size, other.size, most),)
    ]
    pairs = np.unique(np.concatenate(matched), axis=0)
    apart = exchanges.position[pairs[:, 0]] != exchanges.position[pairs[:, 1]]
    pairs = pairs[apart & ~exchanges.alone[pairs].all(1)]
    pairs = pairs[permit.permits(exchanges.made(codes, pairs))]
    return np.asarray(pairs[np.argsort(-gain[pairs].sum(1), kind="stable")])


def draw_moves(permit: Permit, rng: np.random.Generator, codes: Codes, n: int) -> Codes:
    """Random exchanges of a permitted sequence (length,), all alike: (n or fewer, length).

    With one that the GC range bars goes another one, drawn from all that make it good. None where
    there is none, or hardly any.
    """
    every = possible_exchanges(permit, codes)
    alone = every if every.alone.all() else every.take(np.flatnonzero(every.alone))
    for exchanges in (*[every] * _TRIES, alone):
        if exchanges.base.size:
            drawn = exchanges.take(rng.integers(exchanges.base.size, size=n))
            made = _made_good(permit, rng, codes, drawn)
            if len(made):
                return made
    return codes[None][:0]


def _made_good(permit: Permit, rng: np.random.Generator, codes: Codes, drawn: Exchanges) -> Codes:
    """Sequences with one exchange made each, and another one where it is not permitted alone."""
    out, fine = exchanged(codes, drawn.position, drawn.base), drawn.alone.copy()
    barred = np.flatnonzero(~fine)
    if not barred.size:
        return out
    for row, other in zip(barred.tolist(), permit.changes(out[barred]), strict=True):
        other[drawn.position[row]] = False
        position, base = np.nonzero(other)
        if position.size:
            i = int(rng.integers(position.size))
            out[row, position[i]] = base[i]
            fine[row] = True
    return np.asarray(out[fine])


def draw_move(permit: Permit, rng: np.random.Generator, codes: Codes) -> Codes | None:
    """One of `draw_moves`, or None."""
    drawn = draw_moves(permit, rng, codes, 1)
    return np.asarray(drawn[0]) if len(drawn) else None


def take_back(permit: Permit, rng: np.random.Generator, codes: Codes) -> Codes | None:
    """One edit, drawn at random, taken back; None where none can be."""
    back = permit.changes(codes[None])[0] & (permit.start[:, None] == np.arange(4))
    position, base = np.nonzero(back)
    if not position.size:
        return None
    i = rng.integers(position.size, size=1)
    return np.asarray(exchanged(codes, position[i], base[i].astype(np.uint8))[0])
