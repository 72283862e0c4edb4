"""From what a user gave to what is explained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nucleotides.analyze.explanations.choose_top import choose_top, open_data, training_config
from nucleotides.analyze.explanations.gather_items import (
    Items,
    items_of_bed,
    items_of_fasta,
    items_of_regions,
)
from nucleotides.errors import InputError
from nucleotides.genome.open_genome import open_genome

if TYPE_CHECKING:
    from nucleotides.predict import Model


@dataclass(frozen=True)
class Given:
    """What is to be explained.

    Attributes:
        fasta, bed, top: sequences, regions, or how many windows of each task.
        tasks: names or patterns, which `top` needs.
        genome: a store or a FASTA, for regions and windows.
        targets, part, among: of `top`: the target store, which part, of how many windows.

    Raises:
        InputError: not one of the three; or `top` without tasks.
    """

    fasta: Path | None
    bed: Path | None
    top: int | None
    tasks: tuple[str, ...]
    genome: Path
    targets: Path
    part: str = "test"
    among: int = 20_000

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.fasta, self.bed, self.top)) != 1:
            raise InputError("give one of --fasta, --bed and --top")
        if self.top is not None and not self.tasks:
            raise InputError("--top finds the highest predictions of tasks: say which, --tasks")


def find_items(model: Model, path: Path, given: Given) -> Items:
    """Sequences, regions or top windows, all checked before any work.

    Args:
        model: gives the window's length; predicts for `top`.
        path: where the model is, which knows what was held out of its training.
        given: what the user gave.

    Raises:
        InputError, StoreError, MismatchError: what was given cannot be used.
    """
    length = model.sequence_length
    if given.fasta is not None:
        return items_of_fasta(given.fasta, length)
    if not given.genome.exists():
        raise InputError(
            f"there is no genome at {given.genome}: give one, --genome, a FASTA or a store of "
            "`nucleotides pre-process`"
        )
    genome = open_genome(given.genome)
    if given.bed is not None:
        return items_of_bed(given.bed, genome, length)
    assert given.top is not None
    changed = {"genome": str(genome.path), "targets": str(given.targets)}
    data = open_data(training_config(path), changed)
    chosen = choose_top(model, data, given.part, given.tasks, given.top, given.among)
    return items_of_regions(chosen, genome, length)
