"""Which exchanges of bases promise most, and how to put them together."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.design.exchanges import Exchanges, pair_up, possible_exchanges
from nucleotides.design.search import Search
from nucleotides.genome import one_hot

Codes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_PAIRS, _FIRST = 64, 64


def ranked_exchanges(search: Search, codes: Codes, *, rank: bool) -> tuple[Exchanges, Floats]:
    """All exchanges, the most promising by derivative first, and what each promises."""
    found = possible_exchanges(search.permit, codes)
    promise = np.zeros(found.base.size)
    if rank and search.room and found.base.size:
        slope = search.judge.slopes(torch.from_numpy(one_hot(codes[None])))[1][0].numpy()
        own = np.append(slope, slope.mean(0)[None], axis=0)[codes, np.arange(codes.size)]
        promise = slope[found.base, found.position] - own[found.position]
        order = np.argsort(-promise, kind="stable")
        found, promise = found.take(order), promise[order]
    return found, promise.astype(np.float64)


def moves_of(search: Search, codes: Codes, exchanges: Exchanges, gain: Floats) -> Integers:
    """Exchanges that are permitted alone, and pairs that are together, (m, 2), the best first."""
    alone = np.flatnonzero(exchanges.alone)
    pairs = pair_up(search.permit, codes, exchanges, gain, _MOST_PAIRS)
    moves = np.concatenate([np.stack([alone, alone], axis=1), pairs])
    return np.asarray(moves[np.argsort(-gain_of(moves, gain), kind="stable")])


def some_promising(search: Search, codes: Codes, n: int) -> Codes:
    """A sequence with some moves made, drawn from the first that derivatives tell."""
    ranked, gain = ranked_exchanges(search, codes, rank=True)
    moves = search.rng.permutation(moves_of(search, codes, ranked, gain)[:_FIRST])[:n]
    moves = moves[apart(ranked.position[moves])]
    return search.permit.follow(codes, ranked.position[moves], ranked.base[moves])


def try_exchanges(search: Search, codes: Codes, exchanges: Exchanges) -> Floats:
    """Score exchanges of a base, (k,)."""
    return search.judge.exchanges(codes, exchanges.position, exchanges.base)


def gain_of(moves: Integers, gain: Floats) -> Floats:
    """What moves gain, if each exchange gains by itself what it gains beside the other, (m,)."""
    return np.asarray(np.where(moves[:, 0] == moves[:, 1], 0.5, 1) * gain[moves].sum(1))


def apart(position: Integers) -> Bools:
    """Which of moves (m, 2) touch no position that one before touches, (m,)."""
    taken, fine = set[int](), np.zeros(len(position), np.bool_)
    for i, places in enumerate(map(set, position.tolist())):
        fine[i] = not places & taken
        taken |= places if fine[i] else set()
    return fine
