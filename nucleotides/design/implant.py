"""Implantation of known motifs, each where it helps most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.design.check_numbers import check_whole
from nucleotides.design.search import Search
from nucleotides.design.sites import Sites, all_sites, distance
from nucleotides.errors import UnknownNameError
from nucleotides.genome import reverse_complement
from nucleotides.model.motifs import SHIPPED_MOTIFS, Motif, read_meme

Codes = NDArray[np.uint8]
Integers = NDArray[np.int64]

_UNKNOWN, _LEAST_BITS = 4, 0.4
_TOLERANCE = 1e-6
_BEST, _FINE, _AT_ONCE = 12, 6, 256


@dataclass(frozen=True)
class Implant:
    """Motif after motif is written where the score rises most, until none helps.

    A round tries every motif in both orientations at a few places spread over the free part of the
    sequence; the best of these then at places all over it (`spacing` apart), and the best of those
    at every place nearby (of what scores alike, that nearest to edits): distances between motifs
    are tried that way. Where no round helps any more and there is room, every motif is tried at
    every place, those near edits first, until one helps. Letters are each position's likeliest
    base; positions that say less than 0.4 bits keep the sequence's own. What the
    constraints do not permit is not tried. In later rounds the motifs that did best in the first
    are tried again.

    Attributes:
        motifs: a MEME file (default: JASPAR 2024 vertebrates, 10.1093/nar/gkad1059).
        names: names or patterns of motifs to use, such as `*CTCF*`; all by default.
        spacing: bases from place to place.
        rounds: motifs to implant at most.

    Raises:
        InputError: numbers that mean nothing.
        MotifFileError: see `read_meme`.
        UnknownNameError: a name that no motif has.
    """

    motifs: str | Path = SHIPPED_MOTIFS
    names: tuple[str, ...] = ()
    spacing: int = 8
    rounds: int = 12

    def __post_init__(self) -> None:
        check_whole("spacing", self.spacing, 1)
        check_whole("rounds", self.rounds, 1)
        given: Any = self.names
        names = (given,) if isinstance(given, str) else tuple(given)
        object.__setattr__(self, "names", names)
        if names or self.motifs != SHIPPED_MOTIFS:
            self._words  # noqa: B018 (read now, so that what is wrong is told before any work)

    @cached_property
    def _words(self) -> list[Codes]:
        """Letters of each motif, and of its other strand; 4 where the sequence's own stays."""
        chosen = _chosen(read_meme(self.motifs), self.names)
        words = [word for motif in chosen for word in (letters_of(motif),)]
        both = [w for word in words for w in (word, reverse_complement(word))]
        return list({word.tobytes(): word for word in both}.values())

    def improve(self, search: Search, *, thorough: bool = True) -> None:
        """See `Method`; `thorough`: whether every place is tried at last."""
        words = [word for word in self._words if word.size <= search.codes.size]
        candidates: Integers = np.arange(len(words))
        for _ in range(self.rounds):
            if not search.room or not candidates.size:
                return
            before = search.score
            ranked = self._round(search, words, candidates)
            helped = search.score > before + _TOLERANCE
            if not (helped or (thorough and self._look_everywhere(search, words, ranked))):
                return
            candidates = ranked[: max(4 * _BEST, 1)]

    def _round(self, search: Search, words: list[Codes], candidates: Integers) -> Integers:
        """Implant one motif; the candidates, the best first."""
        base, search.steps = search.codes, search.steps + 1
        sizes = np.array([word.size for word in words])
        screened = self._screen(search, candidates, sizes, base.size)
        scores = self._try(search, base, words, screened)
        order = np.argsort(-scores, kind="stable")
        ranked = np.array(list(dict.fromkeys(screened.word[order].tolist())), np.int64)
        sites = all_sites(ranked[:_BEST], sizes, base.size, self.spacing)
        scores = self._try(search, base, words, sites)
        near = [
            (sites.word[i], sites.first[i] + shift)
            for i in np.lexsort((self._far(search, sites, sizes), -scores))[:_FINE].tolist()
            for shift in range(-self.spacing + 1, self.spacing)
            if shift and 0 <= sites.first[i] + shift <= base.size - sizes[sites.word[i]]
        ]
        self._try(search, base, words, Sites(*np.array(near, np.int64).reshape(-1, 2).T))
        return ranked

    def _look_everywhere(self, search: Search, words: list[Codes], ranked: Integers) -> bool:
        """Every motif at every place until one helps, a few motifs at a time; whether one does.

        Places near what was edited come first: there is what a motif may have to be a certain
        distance from.
        """
        base, before = search.codes, search.score
        sizes = np.array([word.size for word in words])
        for i in range(0, ranked.size, _BEST):
            sites = all_sites(ranked[i : i + _BEST], sizes, base.size, 1)
            order = np.argsort(self._far(search, sites, sizes), kind="stable")
            for some in np.array_split(order, order.size // _AT_ONCE + 1):
                if not search.room:
                    return False
                self._try(search, base, words, Sites(sites.word[some], sites.first[some]))
                if search.score > before + _TOLERANCE:
                    return True
        return False

    def _far(self, search: Search, sites: Sites, sizes: Integers) -> Integers:
        edited = np.flatnonzero(search.codes != search.permit.start)
        return distance(sites, sizes, edited, search.codes.size)

    def _screen(self, search: Search, words: Integers, sizes: Integers, length: int) -> Sites:
        """Every motif at up to three places, as many as a third of the room allows."""
        places = int(np.clip(search.room // (3 * words.size), 1, 3))
        parts = (np.arange(places) + 1) / (places + 1)
        free = np.flatnonzero(search.permit.free)
        if not free.size:
            return Sites(words[:0], words[:0])
        middle = free[(parts * free.size).astype(np.int64)]
        word = np.repeat(words, places)
        first = np.tile(middle, words.size) - sizes[word] // 2
        return Sites(word, np.clip(first, 0, length - sizes[word]))

    def _try(
        self, search: Search, codes: Codes, words: list[Codes], sites: Sites
    ) -> NDArray[np.float64]:
        """Scores (k,), minus infinity of what is not permitted or beyond the budget."""
        scores = np.full(sites.word.size, -np.inf)
        if not scores.size:
            return scores
        edited = np.stack([_planted(codes, words[w], f) for w, f in zip(*sites, strict=True)])
        fine = np.flatnonzero(search.permit.permits(edited) & (edited != codes).any(1))
        if search.stir:
            fine = search.rng.permutation(fine)[: (fine.size + 1) // 2]
        fine = fine[: search.room]
        found = scores[fine] = search.judge.patches(codes, edited[fine])
        if fine.size:
            best = int(found.argmax())
            search.visit(edited[fine[best]], float(found[best]))
        return scores


def letters_of(motif: Motif) -> Codes:
    """The likeliest base of each position, 4 where the motif hardly says which; ends trimmed."""
    p = np.clip(motif.probabilities, 1e-9, 1)
    bits = 2 + (p * np.log2(p)).sum(1)
    letters = np.where(bits < _LEAST_BITS, _UNKNOWN, p.argmax(1)).astype(np.uint8)
    told = np.flatnonzero(letters < _UNKNOWN)
    return letters[told[0] : told[-1] + 1] if told.size else letters[:0]


def _planted(codes: Codes, word: Codes, first: int) -> Codes:
    out = codes.copy()
    told = np.flatnonzero(word < _UNKNOWN)
    out[first + told] = word[told]
    return out


def _chosen(motifs: Sequence[Motif], names: tuple[str, ...]) -> list[Motif]:
    for name in names:
        if not any(fnmatchcase(motif.name, name) for motif in motifs):
            raise UnknownNameError("motif", name, [motif.name for motif in motifs])
    if not names:
        return list(motifs)
    return [m for m in motifs if any(fnmatchcase(m.name, name) for name in names)]
