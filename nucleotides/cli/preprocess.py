"""`nucleotides pre-process`: peak files and a FASTA into what training reads."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class UnknownContigs(StrEnum):
    """What to do with peaks on contigs that the FASTA lacks."""

    SKIP = "skip"
    REFUSE = "refuse"


def pre_process(
    peaks: Annotated[
        Path | None,
        typer.Option(help="Folder of peak files. [default: setting BED_MANUALLY_ADDED_DIR]"),
    ] = None,
    fasta: Annotated[
        Path | None, typer.Option(help="Reference FASTA. [default: setting GRCh38]")
    ] = None,
    validation: Annotated[
        str, typer.Option(help="Held out for validation: chr6,chr7 or chr20:5000000-6000000.")
    ] = "chr6,chr7",
    test: Annotated[str, typer.Option(help="Held out for the test, likewise.")] = "chr8,chr9",
    unknown_contigs: Annotated[
        UnknownContigs, typer.Option(help="What to do with peaks on contigs the FASTA lacks.")
    ] = UnknownContigs.SKIP,
) -> None:
    """Turn peak files into training targets.

    Every bed, narrowPeak or broadPeak file (gzipped or not) of the folder becomes a task named
    after it; a table tasks.tsv beside them may give, by `file`, its assay, biosample and target.
    The reference is indexed, peaks are merged by task, and labels are indexed at every position.
    The held-out regions matter here only for the positive weights, which count the rest.
    """
    from nucleotides.data.splits import Split
    from nucleotides.data.weights import write_positive_weights
    from nucleotides.genome import GenomeStore
    from nucleotides.progress import say
    from nucleotides.settings import load_settings
    from nucleotides.targets.merge import Skipped
    from nucleotides.targets.preprocess import Outputs
    from nucleotides.targets.preprocess import pre_process as run

    settings = load_settings()
    outputs = Outputs(
        genome_store=settings.GENOME_STORE,
        target_store=settings.TARGET_STORE,
        target_bed=settings.TARGET,
        intervals=settings.INTERVALS,
        task_names=settings.DISTINCT_FEATURES,
        selected=settings.SELECTED_EXPERIMENTS,
    )
    reference = fasta or settings.GRCh38
    genome = GenomeStore.open_or_build(reference, settings.GENOME_STORE)
    split = Split.parse_present(genome.contigs, validation, test)
    _, store = run(
        reference,
        peaks or settings.BED_MANUALLY_ADDED_DIR,
        outputs,
        unknown_contigs=unknown_contigs.value,
    )
    write_positive_weights(store, split, settings.POSITIVE_WEIGHTS)
    for sentence in Skipped(**store.skipped).sentences():
        say(sentence)
    bases, contigs = sum(genome.contigs.values()), len(genome.contigs)
    typer.echo(
        f"tasks {len(store.tasks):,}, merged peaks {store.n_peaks:,}, contigs {contigs:,}, "
        f"bases {bases:,}: {settings.TARGET_STORE}"
    )
