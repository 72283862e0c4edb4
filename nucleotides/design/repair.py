"""Starts that break the constraints: refused with the reason, or repaired."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.constraints import edits_of
from nucleotides.design.exchanges import draw_move
from nucleotides.design.nearest import nearest
from nucleotides.design.permit import Permit
from nucleotides.errors import InputError

Codes = NDArray[np.uint8]

_UNKNOWN = 4


def feasible_start(permit: Permit, name: object, *, repair: bool) -> Codes:
    """The start where it is permitted, else the nearest sequence that is: the fewest edits.

    Where a GC range does not let the unknown bases become known one by one, all that may are drawn
    at random at first (`draw_unknown`), if there are edits enough.

    Args:
        permit: of the start.
        name: of the start, for messages.
        repair: whether a start may be changed other than by drawing unknown bases.

    Raises:
        InputError: no sequence keeps to the constraints, or none that has few enough edits; or the
            start breaks them and is not to be repaired. The message says which rule.
    """
    start, fine = permit.start, bool(permit.permits(permit.start[None])[0])
    drawn = draw_unknown(permit)
    if drawn is not None and (repair or ((drawn == start) | (start == _UNKNOWN)).all()):
        return drawn
    if fine:
        _refuse_to_stand_still(permit, name)
        return start
    try:
        repaired = nearest(permit, start) if drawn is None else drawn
    except InputError as error:
        raise InputError(f"sequence {name}: {error}") from None
    _refuse(permit, name, int((repaired != start).sum()), repair=repair)
    return repaired


def draw_unknown(permit: Permit) -> Codes | None:
    """The start with its unknown bases drawn, at random but always the same, and then repaired.

    None where one of them can become known by itself, be it G or C or not; or where that breaks a
    rule.
    """
    start, (low, high) = permit.start, permit.constraints.gc
    unknown = (start == _UNKNOWN) & permit.allowed[:, :4].any(1)
    if (low, high) == (0.0, 1.0) or not unknown.any() or not _stuck(permit):
        return None
    gc = (low + high) / 2
    drawn = start.copy()
    chance = np.array([1 - gc, gc, gc, 1 - gc]) / 2
    drawn[unknown] = np.random.default_rng(0).choice(4, int(unknown.sum()), p=chance)
    try:
        drawn = nearest(permit, drawn)
    except InputError:
        return None
    return drawn if permit.permits(drawn[None])[0] else None


def _stuck(permit: Permit) -> bool:
    """Whether the GC range forbids that one unknown base becomes G or C, or A or T."""
    known = permit.start[permit.start < _UNKNOWN]
    gc = int(((known == 1) | (known == 2)).sum())
    low, high = (int(n) for n in permit.gc_range(np.array(known.size + 1)))
    return not low <= gc < gc + 1 <= high


def _refuse_to_stand_still(permit: Permit, name: object) -> None:
    """Unknown bases that could only be set several at a time, for which edits are too few."""
    if not (permit.start == _UNKNOWN).any() or not permit.free.any():
        return
    if draw_move(permit, np.random.default_rng(0), permit.start) is None:
        low, high = permit.constraints.gc
        raise InputError(
            f"sequence {name}: a GC content from {low:g} to {high:g} cannot be kept to by setting "
            "one or two of its unknown bases (N): set them, allow more edits or a wider range"
        )


def _refuse(permit: Permit, name: object, edits: int, *, repair: bool) -> None:
    """A start that breaks rules, where it takes too many edits or is not to be repaired."""
    broken = "; ".join(permit.broken_rules(permit.start))
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
