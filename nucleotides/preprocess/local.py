"""Pre-processing without a portal: own peak files and a FASTA, everything in one folder."""

from __future__ import annotations

from pathlib import Path

from nucleotides.data.splits import Split
from nucleotides.genome import GenomeStore
from nucleotides.preprocess.lock import Labels
from nucleotides.preprocess.outputs import write_outputs
from nucleotides.preprocess.places import Places
from nucleotides.preprocess.write_recipe import write_recipe


def pre_process_local(
    fasta: Path, peaks: Path, folder: Path, validation: str, test: str, n_workers: int = 1
) -> Places:
    """Make the stores and the files beside them below `folder`.

    Raises:
        InputError, FastaError, OutOfSpaceError: as `write_outputs` and `GenomeStore` do.
    """
    places = Places(
        reference=fasta,
        genome_store=folder / "genome",
        target_store=folder / "targets",
        target_bed=folder / "target.bed.gz",
        intervals=folder / "intervals.bed",
        task_names=folder / "distinct_features.txt",
        weights=folder / "positive_weights.tsv",
        selected=folder / "selected_experiments.tsv",
        own=peaks,
    )
    genome = GenomeStore.open_or_build(fasta, places.genome_store)
    split = Split.parse_present(genome.contigs, validation, test)
    write_outputs(write_recipe(None, peaks), genome, split, places, Labels(), n_workers)
    return places
