"""Starts that break the constraints: refused with the reason, or repaired."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.automaton import Automaton
from nucleotides.design.constraints import edits_of
from nucleotides.design.find_forced import forced_word
from nucleotides.design.permit import Permit
from nucleotides.errors import InputError

Codes = NDArray[np.uint8]

_TIE, _HALVINGS = 1e-3, 26
_GOLDEN = 0.6180339887498949


def feasible_start(permit: Permit, name: object, *, repair: bool) -> Codes:
    """The start where it is permitted, else the nearest sequence that is.

    Exactly the fewest edits for alphabets and words; where the GC content is to change, edits for
    that are spread over the sequence.

    Args:
        permit: of the start.
        name: of the start, for messages.
        repair: whether a start may be changed at all.

    Raises:
        InputError: no sequence keeps to the constraints, or none that has few enough edits; or the
            start breaks them and is not to be repaired. The message says which rule.
    """
    start = permit.start
    if permit.permits(start[None])[0]:
        return start
    broken = "; ".join(permit.broken_rules(start))
    repaired = _nearest(permit, name)
    edits = int((repaired != start).sum())
    if edits > permit.max_edits:
        raise InputError(
            f"sequence {name}: no sequence within {edits_of(permit.max_edits)} keeps to the "
            f"constraints ({broken}); {edits_of(edits)} would do"
        )
    if not repair:
        raise InputError(
            f"sequence {name} itself breaks the constraints: {broken}. Let it be repaired "
            f"(--repair; repair=True in Python), which takes {edits_of(edits)}, or change the "
            "constraints"
        )
    return repaired


def _nearest(permit: Permit, name: object) -> Codes:
    """The permitted sequence nearest to the start, whatever the number of edits."""
    search = _Search(permit)
    codes = search.solve(0.0)
    if codes is None:
        raise InputError(
            f"sequence {name}: no sequence keeps to the constraints: with the bases that are "
            f"allowed {forced_word(permit)}"
        )
    side = search.side(codes)
    if not side:
        return codes
    far = search.solve(side * 2.0 * codes.size)
    assert far is not None
    if search.side(far) == side:
        which = "above" if side < 0 else "below"
        raise InputError(
            f"sequence {name}: no sequence keeps to the constraints: with the bases that are "
            f"allowed the GC content cannot get {which} {_gc(far):.4f}, and {permit.constraints.gc}"
            " is asked for"
        )
    return search.between(side, far, name)


class _Search:
    """Cheapest sequences under a price for G and C.

    An edit costs 1 and a little more, which differs from position to position: as the price of G
    and C passes these, one edit after the other becomes worth it, spread over the sequence.
    """

    def __init__(self, permit: Permit) -> None:
        start = permit.start
        self._permit = permit
        self._automaton = Automaton.of(permit.constraints.words)
        little = _TIE * ((np.arange(start.size) + 1) * _GOLDEN % 1)
        edit = start[:, None] != np.arange(5)
        self._cost = np.where(permit.allowed, edit * (1 + little[:, None]), np.inf)

    def solve(self, price: float) -> Codes | None:
        return self._automaton.cheapest(self._cost + price * np.array([0, 1, 1, 0, 0]))

    def side(self, codes: Codes) -> int:
        """-1 if there is too little GC, 1 if too much, else 0."""
        low, high = self._permit.gc_range(np.array((codes < 4).sum()))
        if low > high:
            raise InputError(
                "no number of G and C among {} bases is a share from {:g} to {:g}".format(
                    (codes < 4).sum(), *self._permit.constraints.gc
                )
            )
        gc = int(((codes == 1) | (codes == 2)).sum())
        return int(gc > high) - int(gc < low)

    def between(self, side: int, far: Codes, name: object) -> Codes:
        """Halve the prices between one that does nothing and one that does too much."""
        near, dear, best = 0.0, side * 2.0 * far.size, far
        first = side * (1 + 2 * _TIE)
        for i in range(_HALVINGS):
            price = first if i == 0 else (near + dear) / 2
            codes = self.solve(price)
            assert codes is not None
            if self.side(codes) == side:
                near = price
            else:
                dear, best = price, codes
        if self.side(best):
            low, high = self._permit.constraints.gc
            raise InputError(
                f"sequence {name}: no sequence was found with a GC content from {low:g} to {high:g}"
            )
        return best


def _gc(codes: Codes) -> float:
    return float(((codes == 1) | (codes == 2)).sum() / max((codes < 4).sum(), 1))
