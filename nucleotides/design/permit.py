"""Constraints of one start: which sequences, and which exchanges of a base, they permit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.constraints import Constraints, bases_of, edits_of
from nucleotides.design.find_words import occurs, would_make
from nucleotides.errors import InputError

Codes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

_GC = np.array([0, 1, 1, 0, 0])
_KNOWN = np.array([1, 1, 1, 1, 0])
_SLACK = 1e-9


class Permit:
    """What may become of one start.

    An N of the start may stay, or become any base that is allowed, which is an edit.

    Args:
        constraints: the rules.
        start: codes uint8 (length,).
        soft_masked: bool (length,), letters that were lower case; or None.

    Attributes:
        allowed: bool (length, 5), bases and N by position.
        start: as given.

    Raises:
        InputError: rules about positions that the start does not have, or without any base left.
    """

    def __init__(
        self, constraints: Constraints, start: Codes, soft_masked: Bools | None = None
    ) -> None:
        self.constraints, self.start = constraints, start
        self.allowed = _allowed(constraints, start, soft_masked)
        self.max_edits = start.size if constraints.max_edits is None else constraints.max_edits

    @property
    def free(self) -> Bools:
        """Positions (length,) at which more than one base is allowed."""
        free: Bools = (self.allowed[:, :4].sum(1) > 1) | (
            (self.start == 4) & self.allowed[:, :4].any(1)
        )
        return free

    def gc_range(self, known: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Lowest and highest number of G and C among so many known bases."""
        low, high = self.constraints.gc
        return (
            np.ceil(low * known - _SLACK).astype(np.int64),
            np.floor(high * known + _SLACK).astype(np.int64),
        )

    def permits(self, codes: Codes) -> Bools:
        """Which of codes (n, length) keep to every rule, (n,)."""
        fine = self.allowed[np.arange(self.start.size), codes].all(1)
        fine &= (codes != self.start).sum(1) <= self.max_edits
        low, high = self.gc_range(_KNOWN[codes].sum(1))
        gc = _GC[codes].sum(1)
        fine &= (low <= gc) & (gc <= high)
        if self.constraints.words:
            fine &= ~occurs(codes, self.constraints.words)
        return np.asarray(fine)

    def changes(self, codes: Codes) -> Bools:
        """Which exchanges of one base lead to a sequence that is permitted, (n, length, 4).

        Args:
            codes: (n, length), permitted ones, or such that only their number of edits and their
                GC content are not. To keep the base is no exchange.
        """
        fine = self.changes_but_gc(codes)
        if self.constraints.gc != (0.0, 1.0):
            fine &= self._keeps_gc(codes)
        return fine

    def changes_but_gc(self, codes: Codes, *, spare: int = 0) -> Bools:
        """The same, whatever becomes of the GC content, and with some edits more to spare."""
        own = codes[..., None] == np.arange(4)
        fine = self.allowed[:, :4] & ~own
        differs = codes != self.start
        back = self.start[:, None] == np.arange(4)
        edits = differs.sum(1)[:, None, None] - differs[..., None] + ~back
        fine &= edits <= self.max_edits + spare
        if self.constraints.words:
            fine &= ~would_make(codes, self.constraints.words)
        return np.asarray(fine)

    def bars_by_gc(self, codes: Codes) -> bool:
        """Whether the GC range bars any exchange of a base of a sequence (length,)."""
        if self.constraints.gc == (0.0, 1.0):
            return False
        return not bool(self._keeps_gc(codes[None])[0][self.allowed[:, :4]].all())

    def _keeps_gc(self, codes: Codes) -> Bools:
        known = _KNOWN[codes].sum(1)[:, None] + (codes == 4)
        low, high = self.gc_range(known)
        gc = _GC[codes].sum(1)[:, None, None] - _GC[codes][..., None] + _GC[:4]
        return np.asarray((low[..., None] <= gc) & (gc <= high[..., None]))

    def project(self, codes: Codes, wanted: Codes, order: NDArray[np.int64]) -> Codes:
        """Go from a permitted sequence towards another as far as is permitted.

        Args:
            codes: (length,), permitted.
            wanted: (length,).
            order: positions, the most important first.

        Returns:
            A permitted sequence.
        """
        at = order[(codes != wanted)[order]][:, None]
        return self.follow(codes, at, wanted[at])

    def follow(self, codes: Codes, position: NDArray[np.int64], base: Codes) -> Codes:
        """Make changes as far as they are permitted, the first ones rather.

        They are taken in blocks; a block that is not permitted is halved, and of a single change
        left out.

        Args:
            codes: (length,), permitted.
            position, base: (m, k), the k bases of each change.

        Returns:
            A permitted sequence.
        """
        out = codes.copy()
        waiting = [np.arange(len(position))]
        while waiting:
            block = waiting.pop()
            tried = out.copy()
            tried[position[block]] = base[block]
            if self.permits(tried[None])[0]:
                out = tried
            elif block.size > 1:
                half = block.size // 2
                waiting += [block[half:], block[:half]]
        return out

    def broken_rules(self, codes: Codes) -> list[str]:
        """Which rules a sequence breaks, in words."""
        found = []
        wrong = np.flatnonzero(~self.allowed[np.arange(codes.size), codes])
        if wrong.size:
            found.append(
                f"the base at position {wrong[0]} is not allowed there"
                + (f" (nor are those at {wrong.size - 1} further positions)" * (wrong.size > 1))
            )
        known, gc = int(_KNOWN[codes].sum()), int(_GC[codes].sum())
        low, high = (int(n) for n in self.gc_range(np.array(known)))
        if not low <= gc <= high:
            a, b = self.constraints.gc
            found.append(f"its GC content is {gc / max(known, 1):.3f}, not from {a:g} to {b:g}")
        found += self._broken_words(codes)
        edits = int((codes != self.start).sum())
        if edits > self.max_edits:
            found.append(f"{edits_of(edits)} are more than {self.max_edits}")
        return found

    def _broken_words(self, codes: Codes) -> list[str]:
        rules = self.constraints
        found = [
            f"it holds the forbidden word {letters}"
            for letters in rules.forbidden
            if occurs(codes[None], Constraints(forbidden=(letters,)).words)[0]
        ]
        most = rules.longest_homopolymer
        if most and occurs(codes[None], Constraints(longest_homopolymer=most).words)[0]:
            found.append(f"it repeats a base more than {most} times")
        return found


def _allowed(rules: Constraints, start: Codes, soft_masked: Bools | None) -> Bools:
    """Bases and N by position, (length, 5)."""
    allowed = np.ones((start.size, 5), np.bool_)
    allowed[:, :4] &= _alphabets(rules, start.size)
    allowed[:, 4] = start == 4
    fixed = np.zeros(start.size, np.bool_)
    for first, end in rules.protected:
        if end > start.size:
            raise InputError(
                f"the protected range {first}-{end} reaches beyond a sequence of {start.size} bases"
            )
        fixed[first:end] = True
    if rules.protect_lower_case and soft_masked is not None:
        fixed |= soft_masked
    kept = np.arange(5) == start[:, None]
    contradiction = np.flatnonzero(fixed & ~(allowed & kept).any(1))
    if contradiction.size:
        at = int(contradiction[0])
        raise InputError(
            f"position {at} is protected, but its base {'ACGTN'[start[at]]} is not allowed there"
        )
    allowed[fixed] &= kept[fixed]
    return allowed


def _alphabets(rules: Constraints, length: int) -> Bools:
    """Bases by position, (length, 4)."""
    given = rules.allowed
    alphabets = np.ones((length, 4), np.bool_)
    if isinstance(given, str):
        if given and len(given) != length:
            raise InputError(
                f"{len(given)} letters say what is allowed in a sequence of {length} bases: give "
                "one for each position"
            )
        if given:
            alphabets[:] = [bases_of(letter) for letter in given]
        return alphabets
    for position, letters in given.items():
        if not 0 <= position < length:
            raise InputError(
                f"position {position}, for which bases are allowed, is not in a sequence of "
                f"{length} bases"
            )
        alphabets[position] = np.logical_or.reduce([bases_of(letter) for letter in letters])
    return alphabets
