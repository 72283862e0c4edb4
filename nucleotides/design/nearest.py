"""The permitted sequence nearest to one: exactly the fewest edits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.automaton import Automaton
from nucleotides.design.find_forced import forced_word
from nucleotides.design.find_words import occurs
from nucleotides.design.permit import Permit
from nucleotides.errors import InputError

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]

_GC = np.array([0, 1, 1, 0, 0])
_GOLDEN = 0.6180339887498949


class _Asked(NamedTuple):
    """What the nearest sequence is looked for with; `low` to `high`: numbers of G and C."""

    permit: Permit
    begin: Codes
    cost: Floats
    low: int
    high: int


def nearest(permit: Permit, begin: Codes) -> Codes:
    """The sequence nearest to `begin` that keeps to alphabets, words and GC range.

    Exact: without words the positions are independent of each other, and the cheapest changes of
    GC content are made; with words it is a cheapest path through their automaton, of which the
    number of G and C is kept count. Edits are spread over the sequence where it is all one. The
    edits from the permit's own start are not limited.

    Args:
        permit: the rules.
        begin: codes (length,). Under a GC range what is unknown stays so: it counts known bases.

    Raises:
        InputError: there is none. The message says which rule is at fault.
    """
    bound = permit.constraints.gc != (0.0, 1.0)
    low, high = _gc_range(permit, begin) if bound else (0, begin.size)
    asked = _Asked(permit, begin, _costs(permit, begin, unknown_stay=bound), low, high)
    independent = _without_words(asked)
    if independent is not None and not occurs(independent[None], permit.constraints.words)[0]:
        return independent
    automaton = Automaton.of(permit.constraints.words)
    some = automaton.cheapest(asked.cost)
    if some is None:
        raise InputError(
            "no sequence keeps to the constraints: with the bases that are allowed "
            f"{forced_word(permit)}"
        )
    if low <= _GC[some].sum() <= high:
        return some
    _refuse_extremes(asked, automaton)
    fewest = max(_edits(asked, one) for one in (some, independent) if one is not None)
    return _counted(asked, automaton, fewest)


def _gc_range(permit: Permit, begin: Codes) -> tuple[int, int]:
    known = int((begin < 4).sum())
    low, high = (int(n) for n in permit.gc_range(np.array(known)))
    if low > high:
        a, b = permit.constraints.gc
        raise InputError(f"no number of G and C among {known} bases is a share from {a:g} to {b:g}")
    return low, high


def _costs(permit: Permit, begin: Codes, *, unknown_stay: bool) -> Floats:
    """Of A C G T and N by position, (length, 5): an edit 1 and a little, in all less than 1 more.

    The little differs from position to position, by which edits are spread; it is largest for
    what the permit's start has, so that bases which were drawn are changed rather.
    """
    little = (np.arange(begin.size) + 1) * _GOLDEN % 1 + (permit.start == begin)
    edit = begin[:, None] != np.arange(5)
    cost = np.where(permit.allowed, edit * (1 + little[:, None] / (3 * begin.size)), np.inf)
    if unknown_stay:
        cost[begin == 4, :4] = np.inf
        cost[begin < 4, 4] = np.inf
    return cost


def _without_words(asked: _Asked) -> Codes | None:
    """The cheapest of all that keep to alphabets and GC range; None if there is none."""
    at, gc = (np.where(kind == _GC, asked.cost, np.inf) for kind in (0, 1))
    either = np.stack([at.argmin(1), gc.argmin(1)]).astype(np.uint8)
    with np.errstate(invalid="ignore"):
        dearer = gc.min(1) - at.min(1)
    order = np.argsort(dearer, kind="stable")
    must, may = int((dearer == -np.inf).sum()), int((dearer < np.inf).sum())
    if max(asked.low, must) > min(asked.high, may):
        return None
    wanted = np.clip((dearer < 0).sum(), max(asked.low, must), min(asked.high, may))
    with_gc = np.zeros(order.size, np.int64)
    with_gc[order[:wanted]] = 1
    return np.asarray(either[with_gc, np.arange(order.size)])


def _refuse_extremes(asked: _Asked, automaton: Automaton) -> None:
    """A GC content beyond all that alphabets and words allow is told."""
    known = max(int((asked.begin < 4).sum()), 1)
    for which, sign in (("above", -1), ("below", 1)):
        far = automaton.cheapest(asked.cost + sign * 3.0 * asked.begin.size * _GC)
        assert far is not None
        gc = int(_GC[far].sum())
        if gc < asked.low if which == "above" else gc > asked.high:
            raise InputError(
                "no sequence keeps to the constraints: with the bases that are allowed the GC "
                f"content cannot get {which} {gc / known:.4f}, and "
                f"{asked.permit.constraints.gc} is asked for"
            )


def _counted(asked: _Asked, automaton: Automaton, fewest: int) -> Codes:
    """The cheapest path with a number of G and C that is asked for.

    With so many edits the number of G and C before a position cannot be further from that of
    `begin` than edits are left to come back: sums beyond are not computed, and what is found with
    more edits is looked for again with that many.
    """
    size, own = asked.begin.size, _GC[asked.begin]
    low, high = asked.low - int(own.sum()), asked.high - int(own.sum())
    while True:
        end = max(low, -fewest), min(high, fewest)
        between = min((end[0] - fewest) // 2, 0), max((end[1] + fewest + 1) // 2, 0)
        codes = automaton.cheapest_counted(asked.cost, _GC - own[:, None], between, end)
        edits = size if codes is None else _edits(asked, codes)
        if codes is not None and edits <= fewest:
            return codes
        if fewest >= size:
            a, b = asked.permit.constraints.gc
            raise InputError(
                "no sequence keeps to the constraints: none with the bases that are allowed, and "
                f"without the forbidden words, has a GC content from {a:g} to {b:g}"
            )
        fewest = min(2 * fewest + 8, size) if codes is None else edits


def _edits(asked: _Asked, codes: Codes) -> int:
    return int((codes != asked.begin).sum())
