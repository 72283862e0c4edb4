"""What designs begin with: sequences of a FASTA, regions of a genome, or random ones."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nucleotides.analyze.explanations.gather_items import items_of_regions
from nucleotides.design.constraints import Constraints
from nucleotides.design.permit import Permit
from nucleotides.design.repair import feasible_start
from nucleotides.errors import InputError
from nucleotides.explain.coordinates import Coordinates
from nucleotides.genome import GenomeStore, decode
from nucleotides.genome.fasta import FastaReader
from nucleotides.genome.open_genome import open_genome
from nucleotides.predict.regions.read_regions import read_regions
from nucleotides.progress import say, track

_LISTED = 3


@dataclass(frozen=True)
class Given:
    """Where starts come from: one of the three.

    Attributes:
        fasta: its records; lower case stays lower case.
        bed: regions; of one shorter than the window, the window centred on it.
        random: how many random sequences of the window's length.
        gc: their share of G and C.
        genome: a store or a FASTA, for regions.

    Raises:
        InputError: not one of the three, or numbers that mean nothing.
    """

    fasta: Path | None = None
    bed: Path | None = None
    random: int | None = None
    gc: float = 0.41
    genome: Path | None = None

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.fasta, self.bed, self.random)) != 1:
            raise InputError("give one of --fasta, --bed and --random")
        if self.bed is not None and self.genome is None:
            raise InputError("--bed is of a genome: say which, --genome")
        if not 0 <= self.gc <= 1:
            raise InputError(f"--gc {self.gc}: a share is from 0 to 1")

    def in_words(self) -> str:
        """What starts are."""
        if self.random is not None:
            return f"random sequences of {100 * self.gc:g} % G and C"
        return "sequences given" if self.fasta is not None else "regions of a genome"


class Starts(NamedTuple):
    """Letters by name, and where those lie that are windows of a genome, N beyond its contigs."""

    letters: dict[str, str]
    places: dict[str, Coordinates]


def find_starts(given: Given, length: int, constraints: Constraints, seed: int) -> Starts:
    """What designs begin with; says which windows hang over the end of a contig.

    Args:
        given: where from.
        length: of the model's window.
        constraints: what random sequences are made to keep to.
        seed: of random sequences, each of which depends on it and its number alone.

    Raises:
        InputError: nothing there, or what cannot be read; a name that is there twice.
    """
    if given.fasta is not None:
        return Starts(letters_of_fasta(given.fasta), {})
    if given.bed is not None:
        assert given.genome is not None
        return _regions(given.bed, open_genome(given.genome), length)
    assert given.random is not None
    return Starts(random_starts(given.random, length, given.gc, constraints, seed), {})


def random_starts(
    n: int, length: int, gc: float, constraints: Constraints, seed: int
) -> dict[str, str]:
    """Sequences of bases drawn by themselves, changed where the constraints do not permit them."""
    chance = np.array([1 - gc, gc, gc, 1 - gc]) / 2
    starts = {}
    for i in track(range(n), "random starts"):
        codes = np.random.default_rng([seed, i]).choice(4, length, p=chance).astype(np.uint8)
        rules = Constraints(
            allowed=constraints.allowed,
            gc=constraints.gc,
            forbidden=constraints.forbidden,
            longest_homopolymer=constraints.longest_homopolymer,
        )
        name = f"random{i + 1}"
        starts[name] = decode(feasible_start(Permit(rules, codes), name, repair=True))
    return starts


def letters_of_fasta(path: Path) -> dict[str, str]:
    """Sequences of a FASTA (plain, gzip or bgzip) by name, with the case of their letters.

    Raises:
        FastaError: see `FastaReader`.
    """
    for _ in FastaReader(path):
        pass  # all that can be wrong with it is told here
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    pieces: dict[str, list[str]] = {}
    name = ""
    with (gzip.open if packed else open)(path, "rt", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith(">"):
                name = line[1:].split()[0]
                pieces[name] = []
            elif name:
                pieces[name].append(line.strip())
    return {name: "".join(some) for name, some in pieces.items()}


def _regions(path: Path, genome: GenomeStore, length: int) -> Starts:
    items = items_of_regions(read_regions(path, genome), genome, length)
    names = [str(name) for name in items.facts["name"]]
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{path}: the name {double} is there twice")
    rows: Iterable[Any] = items.facts[["start", "end", "chrom", "strand"]].itertuples(index=False)
    places = [
        Coordinates(int(start), int(end), chrom, strand, genome.contigs[chrom])
        for start, end, chrom, strand in rows
    ]
    found = Starts(
        {name: decode(codes) for name, codes in zip(names, items.codes, strict=True)},
        dict(zip(names, places, strict=True)),
    )
    _say_what_hangs_over(found)
    return found


def _say_what_hangs_over(starts: Starts) -> None:
    over = [f"{name} ({place.beyond})" for name, place in starts.places.items() if place.beyond]
    if over:
        more = f" and {len(over) - _LISTED:,} more" if len(over) > _LISTED else ""
        say(
            f"{len(over):,} of {len(starts.places):,} windows hang over the end of their contig: "
            + ", ".join(over[:_LISTED])
            + more
        )
