"""What kind of allele VCF's ALT is, and why some of them have no sequence to score."""

from __future__ import annotations

import re

from nucleotides.errors import InputError
from nucleotides.genome.left_align import shared_letters

UNSCORED = {
    "star": "the allele is missing: another record deletes it (*)",
    "symbolic": "a symbolic allele has no sequence",
    "breakend": "a breakend joins two places",
    "missing": "there is no alternate allele (.)",
}
"""Kinds without a sequence, and the reason that their rows are given."""

_LETTERS = re.compile("[ACGTUNRYSWKMBDHVX]+", re.IGNORECASE)
_SINGLE = re.compile(rf"\.{_LETTERS.pattern}|{_LETTERS.pattern}\.", re.IGNORECASE)
_BASES = frozenset("ACGTacgt")
_SYMBOLIC = re.compile(r"<[^<>\s]+>")


def check_letters(name: str, allele: str) -> None:
    """Refuse an allele that is not made of nucleotide letters (IUPAC, any case).

    Raises:
        InputError: no letters, or others.
    """
    if not _LETTERS.fullmatch(allele):
        hint = " (VCF anchors indels: A>AT inserts a T)" if allele in ("", "-") else ""
        raise InputError(f"{name} {allele!r} is not made of nucleotide letters{hint}")


def name_allele(ref: str, alt: str) -> str:
    """The kind of an allele: what is left of REF and ALT without the letters they share.

    Letters are taken off the ends of both, behind first. SNV and MNV: as many letters are left
    of each; insertion, deletion: only of ALT, of REF; delins: of both; same: of none. Kinds
    without a sequence are those of `UNSCORED` (VCF 4.3, section 1.6.1).

    Raises:
        InputError: REF or ALT is not made of nucleotide letters, and ALT is no kind of `UNSCORED`.
    """
    if ref in _BASES and alt in _BASES:
        return "same" if ref.upper() == alt.upper() else "SNV"
    check_letters("REF", ref)
    if alt == "*":
        return "star"
    if alt == ".":
        return "missing"
    if _SYMBOLIC.fullmatch(alt):
        return "symbolic"
    if "[" in alt or "]" in alt or _SINGLE.fullmatch(alt):
        return "breakend"
    check_letters("ALT", alt)
    return _difference(*_trimmed(ref.upper(), alt.upper()))


def _difference(ref: int, alt: int) -> str:
    """The kind, of the letters left of REF and of ALT."""
    if ref == alt:
        return ("same", "SNV")[ref] if ref < 2 else "MNV"
    if ref == 0:
        return "insertion"
    return "deletion" if alt == 0 else "delins"


def _trimmed(ref: str, alt: str) -> tuple[int, int]:
    """Letters of each that are left when what they share at both ends is taken off."""
    shorter = min(len(ref), len(alt))
    behind = shared_letters(ref[::-1], alt[::-1], shorter)
    before = shared_letters(ref, alt, shorter - behind)
    return len(ref) - behind - before, len(alt) - behind - before
