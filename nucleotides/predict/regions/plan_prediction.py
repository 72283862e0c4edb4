"""From what a user gave to what is predicted and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.genome import GenomeStore
from nucleotides.genome.match_contigs import match_contigs
from nucleotides.genome.open_genome import open_genome
from nucleotides.predict.keep_rows import join_rows, suffix_of
from nucleotides.predict.regions.place_windows import (
    n_windows_of_regions,
    windows_of_bins,
    windows_of_regions,
    windows_of_sequences,
)
from nucleotides.predict.regions.predict_file import Source, Writer
from nucleotides.predict.regions.read_regions import read_regions
from nucleotides.predict.regions.read_sequences import read_sequences
from nucleotides.predict.regions.write_tracks import import_pybigtools, in_order, write_tracks

if TYPE_CHECKING:
    from nucleotides.predict.model import Model


@dataclass(frozen=True)
class Given:
    """What is to be predicted, and into what.

    Attributes:
        out: a file with one of `keep_rows.SUFFIXES`, or for tracks a folder, ending in "/".
        genome: a store or a FASTA, for regions and contigs.
        fasta, bed, contigs: sequences, regions, or contigs by name, parted by commas, or `all`.
        step: bases from window to window, or None for the model's bin.

    Raises:
        InputError: not one of the three; an unknown suffix; tracks of sequences.
        MissingDependencyError: tracks, and what writes them is not installed.
    """

    out: str
    genome: Path
    fasta: Path | None = None
    bed: Path | None = None
    contigs: str | None = None
    step: int | None = None

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.fasta, self.bed, self.contigs)) != 1:
            raise InputError("give one of --fasta, --bed and --contigs")
        if not self.tracks:
            suffix_of(Path(self.out))
            return
        if self.fasta is not None:
            raise InputError(
                f"--out {self.out} is a folder of tracks, and sequences have no place on a genome: "
                "give --bed or --contigs, or write a table"
            )
        import_pybigtools()

    @property
    def tracks(self) -> bool:
        """Whether tracks are wanted."""
        return self.out.endswith("/")


def plan_prediction(given: Given, model: Model) -> tuple[Source, Writer]:
    """The rows to predict, and what makes the output of them.

    Raises:
        InputError: regions that are wrong (`read_regions`), or that overlap on tracks.
        UnknownNameError: a contig that the genome has not.
        StoreError: there is no genome.
    """
    step = given.step or model._step
    if given.fasta is not None:
        return _sequences(given.fasta, model, step), join_rows
    genome = open_genome(given.genome)
    if given.bed is not None:
        source = _regions(given.bed, genome, model, step, ordered=given.tracks)
        return source, partial(write_tracks, contigs=genome.contigs) if given.tracks else join_rows
    assert given.contigs is not None
    source = _bins(find_contigs(given.contigs, genome), genome, model, step)
    if not given.tracks:
        return source, join_rows
    return source, partial(write_tracks, contigs=genome.contigs, bin=model._step, step=step)


def find_contigs(text: str, genome: GenomeStore) -> list[str]:
    """Contigs by name, parted by commas, or all, in the order of the genome.

    Raises:
        UnknownNameError: the genome has no such contig.
    """
    known = list(genome.contigs)
    if text == "all":
        return known
    found = match_contigs((name.strip() for name in text.split(",")), known)
    for name, place in found.items():
        if place < 0:
            raise UnknownNameError("contig", name, known, f"(in {genome.path})")
    return [known[place] for place in sorted(set(found.values()))]


def _sequences(path: Path, model: Model, step: int) -> Source:
    length = model.sequence_length
    parts = windows_of_sequences(read_sequences(path, length), length, step)
    return Source(parts, None, {"rows": "sequences", "step": step})


def _regions(path: Path, genome: GenomeStore, model: Model, step: int, ordered: bool) -> Source:
    table = read_regions(path, genome)
    if ordered:
        table = in_order(table)
    length = model.sequence_length
    parts = windows_of_regions(table, genome, length, step)
    recipe = {"rows": "regions", "step": step, "genome": genome.sha256}
    return Source(parts, n_windows_of_regions(table, length, step), recipe)


def _bins(contigs: Sequence[str], genome: GenomeStore, model: Model, step: int) -> Source:
    bin = model._step
    parts = windows_of_bins(contigs, genome, model.sequence_length, bin, step)
    recipe = {"rows": "bins", "step": step, "bin": bin, "genome": genome.sha256}
    n = sum(-(-genome.contigs[contig] // step) for contig in contigs)
    return Source(parts, n, recipe)
