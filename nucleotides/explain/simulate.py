"""Sequences of which is known why they are positive: planted motifs, and rules over them.

What explanations find can be held against where the motifs were planted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.genome import reverse_complement
from nucleotides.model.motifs import Motif

Codes = NDArray[np.uint8]


@dataclass(frozen=True)
class Element:
    """What may be planted in a sequence, on either strand.

    Attributes:
        motifs: names; several follow each other, on one strand.
        chance: the part of the sequences that get it, each by itself.
        within: bases between two motifs that follow each other, at most; any number is as likely.
    """

    motifs: tuple[str, ...]
    chance: float
    within: int = 20


@dataclass(frozen=True)
class Rule:
    """When a task is positive.

    Attributes:
        task: its name.
        needs: motifs that must all be there.
        unless: motifs none of which may be there.
        within: where given, `needs` must follow each other on one strand, at most so many bases
            between them.
    """

    task: str
    needs: tuple[str, ...]
    unless: tuple[str, ...] = ()
    within: int | None = None

    def holds(self, sites: Sequence[Site]) -> bool:
        """Whether a sequence with these sites is positive."""
        there = {site.motif for site in sites}
        if not there.issuperset(self.needs) or there.intersection(self.unless):
            return False
        return self.within is None or bool(_rows(self, sites))

    def causes(self, sites: Sequence[Site]) -> list[Site]:
        """The sites of a positive sequence that make it one."""
        if self.within is None:
            return [site for site in sites if site.motif in self.needs]
        return [site for row in _rows(self, sites) for site in row]


@dataclass(frozen=True)
class Site:
    """A planted motif: 0-based, half-open; `strand` + or -."""

    motif: str
    start: int
    end: int
    strand: str


@dataclass(frozen=True)
class Simulation:
    """n sequences of known truth.

    Attributes:
        codes: uint8 (n, length).
        truth: uint8 (n, tasks), what the rules say.
        labels: the same, some of it turned over by noise.
        tasks: names.
        sites: of each sequence.
    """

    codes: Codes
    truth: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    tasks: list[str]
    sites: list[list[Site]]

    def table(self) -> pd.DataFrame:
        """All sites: sequence, motif, start, end, strand."""
        rows = [
            (i, s.motif, s.start, s.end, s.strand) for i, of in enumerate(self.sites) for s in of
        ]
        return pd.DataFrame(rows, columns=["sequence", "motif", "start", "end", "strand"])


def simulate(
    motifs: Mapping[str, Motif],
    elements: Sequence[Element],
    rules: Sequence[Rule],
    backgrounds: Codes,
    *,
    noise: float = 0.0,
    seed: int = 0,
) -> Simulation:
    """Plant motifs in backgrounds, and label them by rules.

    Each site is drawn from its motif's probabilities; elements of a sequence do not overlap, all
    arrangements of them being as likely.

    Args:
        motifs: by the name that elements and rules know them by.
        elements: what may be planted.
        rules: one a task. They know of planted sites alone, not of what a background has by chance.
        backgrounds: uint8 (n, length), such as `random_backgrounds` or shuffled sequence.
        noise: the part of the labels that is turned over.
        seed: of everything drawn.

    Raises:
        UnknownNameError: an element or rule with a motif that is not given.
        InputError: elements that do not fit into a background together.
    """
    named = [name for part in elements for name in part.motifs]
    named += [name for rule in rules for name in (*rule.needs, *rule.unless)]
    for name in named:
        if name not in motifs:
            raise UnknownNameError("motif", name, motifs)
    rng, codes = np.random.default_rng(seed), backgrounds.copy()
    sites = [_plant(rng, row, motifs, elements) for row in codes]
    truth = np.array([[rule.holds(of) for rule in rules] for of in sites], np.uint8)
    turned = (rng.random(truth.shape) < noise).astype(np.uint8)
    return Simulation(codes, truth, truth ^ turned, [rule.task for rule in rules], sites)


def random_backgrounds(n: int, length: int, *, gc: float = 0.5, seed: int = 0) -> Codes:
    """Codes (n, length), each base by itself, a part `gc` of them G or C."""
    at, cg = (1 - gc) / 2, gc / 2
    rng = np.random.default_rng([seed, 1])
    return rng.choice(4, (n, length), p=[at, cg, cg, at]).astype(np.uint8)


def _plant(
    rng: np.random.Generator, row: Codes, motifs: Mapping[str, Motif], elements: Sequence[Element]
) -> list[Site]:
    """Write elements into a sequence; the sites, in order."""
    blocks = [_draw(rng, motifs, part) for part in elements if rng.random() < part.chance]
    rng.shuffle(blocks)
    free = row.size - sum(len(block) for block, _ in blocks)
    if free < 0:
        raise InputError(f"what is to be planted is longer than a background of {row.size} bases")
    before = np.sort(rng.integers(0, free + 1, len(blocks)))
    sites, begin = [], 0
    for skipped, (block, within) in zip(before, blocks, strict=True):
        start = int(skipped) + begin
        there = row[start : start + len(block)]
        there[block < 4] = block[block < 4]
        sites += [Site(s.motif, start + s.start, start + s.end, s.strand) for s in within]
        begin += len(block)
    return sites


def _draw(
    rng: np.random.Generator, motifs: Mapping[str, Motif], element: Element
) -> tuple[Codes, list[Site]]:
    """An element's bases, N where the background stays, and its sites."""
    parts, sites, at = [], list[Site](), 0
    for i, name in enumerate(element.motifs):
        gap = int(rng.integers(0, element.within + 1)) if i else 0
        site = draw_site(rng, motifs[name])
        parts += [np.full(gap, 4, np.uint8), site]
        sites.append(Site(name, at + gap, at + gap + site.size, "+"))
        at += gap + site.size
    block = np.concatenate(parts)
    if rng.random() < 0.5:
        return block, sites
    turned = [Site(s.motif, at - s.end, at - s.start, "-") for s in reversed(sites)]
    return reverse_complement(block), turned


def draw_site(rng: np.random.Generator, motif: Motif) -> Codes:
    """Codes (width,) drawn from a motif's probabilities."""
    below = motif.probabilities.cumsum(axis=1)[:, :3]
    return np.asarray((rng.random((len(below), 1)) >= below).sum(axis=1), np.uint8)


def _rows(rule: Rule, sites: Sequence[Site]) -> list[list[Site]]:
    """The rule's motifs as they follow each other closely enough, on either strand."""
    found = []
    for strand, order in (("+", rule.needs), ("-", rule.needs[::-1])):
        rows = [[site] for site in sites if site.strand == strand and site.motif == order[0]]
        for name in order[1:]:
            rows = [
                [*row, site]
                for row in rows
                for site in sites
                if site.strand == strand and site.motif == name
                if 0 <= site.start - row[-1].end <= (rule.within or 0)
            ]
        found += rows
    return found
