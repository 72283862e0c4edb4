"""From a recipe whose files are all there to everything that training reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from nucleotides.data.splits import Split
from nucleotides.data.weights import write_positive_weights
from nucleotides.errors import InputError
from nucleotides.files import replacing
from nucleotides.genome import GenomeStore
from nucleotides.preprocess.lock import Labels
from nucleotides.preprocess.places import Places
from nucleotides.preprocess.recipe import Recipe
from nucleotides.targets.build import Built, build_store
from nucleotides.targets.export import write_intervals, write_target_bed, write_task_names
from nucleotides.targets.peaks import SUFFIXES


def write_outputs(
    recipe: Recipe,
    genome: GenomeStore,
    split: Split,
    places: Places,
    labels: Labels,
    n_workers: int = 1,
) -> Built:
    """Build the store and write the files beside it, each replaced whole.

    Every peak file is read and checked before the first file is written.

    Raises:
        InputError: there is no task, or a file cannot be read (see `build_store`).
        OutOfSpaceError: the disk is full.
    """
    if not recipe.tasks:
        raise InputError(
            f"no peak files in {places.own}: put files named *{', *'.join(SUFFIXES)} "
            "(gzipped or not) there, or let the portal be asked (--encode)"
        )
    built = build_store(
        recipe.sources(places.downloads or places.own, places.own),
        genome.contigs,
        places.target_store,
        table=recipe.task_table(),
        bin=labels.bin,
        threshold=labels.threshold,
        unknown_contigs="refuse" if labels.unknown_contigs == "refuse" else "skip",
        n_workers=n_workers,
    )
    write_intervals(built.store, places.intervals)
    write_target_bed(built.store, places.target_bed)
    write_task_names(built.store, places.task_names)
    write_positive_weights(built.store, split, places.weights)
    peaks = {one["task"]: one["peaks_read"] for one in built.store.inputs()}
    write_table(recipe.file_table(peaks), places.selected)
    if places.sizes:
        write_sizes(genome.contigs, places.sizes)
    if places.signals:
        write_table(pd.DataFrame(list(recipe.signals), dtype=str), places.signals)
    return built


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as TSV, atomically."""
    with replacing(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False)


def write_sizes(contigs: Mapping[str, int], path: Path) -> None:
    """Write contig lengths, a line each: name, length."""
    with replacing(path) as temporary:
        temporary.write_text("".join(f"{name}\t{length}\n" for name, length in contigs.items()))
