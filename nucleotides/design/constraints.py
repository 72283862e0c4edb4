"""What a designed sequence must keep to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.check_numbers import check_number, check_whole
from nucleotides.errors import InputError

IUPAC = {
    "A": "A", "C": "C", "G": "G", "T": "T", "U": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT",
    "K": "GT", "M": "AC", "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
"""Bases that a letter stands for (Cornish-Bowden 1985, 10.1093/nar/13.9.3021)."""


@dataclass(frozen=True)
class Constraints:
    """Rules that hold for every sequence that a method goes through. The length never changes.

    Attributes:
        protected: ranges (first, end), 0-based and half-open, of bases that stay as they are.
        protect_lower_case: whether letters that are lower case in the start stay too.
        allowed: IUPAC letters, one for each position; or such letters by position (from 0), the
            other positions being free. An N of the start may stay where it is.
        gc: lowest and highest share of G and C among the known bases of the whole sequence.
        max_edits: how many bases may differ from the start.
        forbidden: IUPAC words that must not occur on either strand, such as restriction sites.
        longest_homopolymer: how many times a base may be repeated, 1 or more.
        distance_penalty: what the score loses for each edit, times the length: the score less
            penalty x edits / length.

    Raises:
        InputError: a rule that no sequence can keep or that means nothing.
    """

    protected: tuple[tuple[int, int], ...] = ()
    protect_lower_case: bool = False
    allowed: str | Mapping[int, str] = field(default_factory=dict)
    gc: tuple[float, float] = (0.0, 1.0)
    max_edits: int | None = None
    forbidden: tuple[str, ...] = ()
    longest_homopolymer: int | None = None
    distance_penalty: float = 0.0
    words: tuple[NDArray[np.bool_], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, read in (("protected", _ranges), ("gc", _share), ("forbidden", _several)):
            object.__setattr__(self, name, read(getattr(self, name)))
        _check_numbers(self)
        _check_letters(self.allowed)
        object.__setattr__(self, "words", tuple(_words(self)))

    def in_words(self) -> str:
        """What is asked for, in words; nothing where all is free."""
        said = []
        if self.protected:
            said.append("protected " + ", ".join(f"{a}-{b}" for a, b in self.protected))
        if self.protect_lower_case:
            said.append("lower case protected")
        if self.allowed:
            said.append("alphabets by position")
        if self.gc != (0.0, 1.0):
            said.append(f"GC content {self.gc[0]:g} to {self.gc[1]:g}")
        if self.max_edits is not None:
            said.append(f"at most {edits_of(self.max_edits)}")
        if self.forbidden:
            said.append("without " + ", ".join(self.forbidden))
        if self.longest_homopolymer is not None:
            said.append(f"no base more than {self.longest_homopolymer} times in a row")
        if self.distance_penalty:
            said.append(f"distance penalty {self.distance_penalty:g}")
        return "; ".join(said)


def edits_of(n: int) -> str:
    """So many edits, in words."""
    return f"{n:,} edit{'s' * (n != 1)}"


def bases_of(letter: str) -> NDArray[np.bool_]:
    """Which of A C G T an IUPAC letter stands for, (4,); none for what is no letter."""
    return np.array([base in IUPAC.get(letter.upper(), "") for base in "ACGT"])


def as_word(letters: str) -> NDArray[np.bool_]:
    """Which bases match at each of a word's positions, (width, 4).

    Raises:
        InputError: an empty word, or a letter that is none.
    """
    word = np.array([bases_of(letter) for letter in letters]).reshape(-1, 4)
    wrong = [letter for letter, bases in zip(letters, word, strict=True) if not bases.any()]
    if wrong or not letters:
        what = f"holds {wrong[0]!r}, which is no IUPAC letter" if wrong else "is empty"
        raise InputError(f"the forbidden word {letters!r} {what}")
    return word


def _words(rules: Constraints) -> list[NDArray[np.bool_]]:
    """Forbidden words and their reverse complements, and runs that are too long, each once."""
    found = [as_word(letters) for letters in rules.forbidden]
    found += [word[::-1, ::-1] for word in found]
    if rules.longest_homopolymer is not None:
        found += [as_word(base * (rules.longest_homopolymer + 1)) for base in "ACGT"]
    return list({(word.shape[0], word.tobytes()): word for word in found}.values())


def _ranges(given: Any) -> tuple[tuple[int, int], ...]:
    ranges = tuple(map(tuple, given)) if _is_nested(given) else None
    if ranges is None or any(len(one) != 2 for one in ranges):
        raise InputError(
            "protected is ranges (first, end), 0-based and half-open, such as [(100, 120)], not "
            f"{given!r}"
        )
    for first, end in ranges:
        for number in (first, end):
            check_whole("a protected position", number, 0)
        if first >= end:
            raise InputError(
                f"the protected range {first}-{end} holds no position: give first and end, "
                "0-based and half-open"
            )
    return tuple((int(first), int(end)) for first, end in ranges)


def _share(given: Any) -> tuple[float, float]:
    if not _is_list(given) or len(given) != 2:
        raise InputError(f"gc is (lowest, highest), such as (0.4, 0.6), not {given!r}")
    for share in given:
        check_number("a GC content", share, 0, 1)
    low, high = given
    if low > high:
        raise InputError(
            f"a GC content from {low} to {high} is not possible: 0 <= low <= high <= 1"
        )
    return low, high


def _several(given: Any) -> tuple[str, ...]:
    words = (given,) if isinstance(given, str) else given
    if not _is_list(words) or not all(isinstance(word, str) for word in words):
        raise InputError(f"forbidden is words, such as ('GAATTC',), not {given!r}")
    return tuple(words)


def _is_list(given: Any) -> bool:
    return isinstance(given, Sequence) and not isinstance(given, str)


def _is_nested(given: Any) -> bool:
    return _is_list(given) and all(map(_is_list, given))


def _check_numbers(rules: Constraints) -> None:
    if rules.max_edits is not None:
        check_whole("the number of edits (max_edits)", rules.max_edits, 1)
    if rules.longest_homopolymer is not None:
        check_whole("the longest homopolymer", rules.longest_homopolymer, 1)
    check_number("the distance penalty", rules.distance_penalty, 0)


def _check_letters(allowed: Any) -> None:
    if not isinstance(allowed, (str, Mapping)):
        raise InputError(
            "allowed is an IUPAC letter for each position, or letters by position, such as "
            f"{{17: 'R'}}, not {allowed!r}; leave it out where every base is allowed"
        )
    if allowed == "":
        raise InputError(
            "no base is allowed anywhere: the alphabet is empty; leave it out where every base is "
            "allowed"
        )
    pairs = enumerate(allowed) if isinstance(allowed, str) else allowed.items()
    for position, letter in pairs:
        check_whole("a position of an alphabet", position, 0)
        if not letter:
            raise InputError(f"no base is allowed at position {position}: its alphabet is empty")
        if not (isinstance(letter, str) and all(bases_of(one).any() for one in letter)):
            raise InputError(
                f"{letter!r}, allowed at position {position}, is no IUPAC letter (such as R or N)"
            )
