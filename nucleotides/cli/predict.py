"""`nucleotides predict`: sequences, regions or whole contigs in, predictions by task out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nucleotides.cli.many_words import ManyWords
from nucleotides.cli.of_a_run import Device, TrustCode

COMMAND_CLASS = ManyWords


class Join(StrEnum):
    """What a row with several windows gets."""

    MAX = "max"
    MEAN = "mean"


def predict(
    out: Annotated[
        str,
        typer.Option(
            help="OUT.tsv, OUT.tsv.gz, OUT.parquet, OUT.h5, or a folder OUT/ for a bigWig a task."
        ),
    ],
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="Bundle, checkpoint or run; several predict their mean. "
            "[default: setting INFERENCE_MODEL]"
        ),
    ] = None,
    fasta: Annotated[Path | None, typer.Option(help="Sequences (plain, gzip, bgzip).")] = None,
    bed: Annotated[Path | None, typer.Option(help="Regions of the genome.")] = None,
    contigs: Annotated[str | None, typer.Option(help="Contigs to tile: chr1,chr2 or all.")] = None,
    genome: Annotated[
        Path | None,
        typer.Option(help="Genome store or FASTA. [default: setting GENOME_STORE]"),
    ] = None,
    step: Annotated[
        int | None,
        typer.Option(min=1, help="Bases from window to window. [default: the model's bin]"),
    ] = None,
    join: Annotated[
        Join, typer.Option(help="Of what is longer than the model's window: which value.")
    ] = Join.MAX,
    tasks: Annotated[
        list[str] | None,
        typer.Option(help="Names, or patterns such as '*CTCF*'. [default: all]"),
    ] = None,
    recalibrated: Annotated[
        bool, typer.Option("--recalibrated", help="Probabilities that agree with frequencies.")
    ] = False,
    logits: Annotated[bool, typer.Option("--logits", help="Logits, not probabilities.")] = False,
    both_strands: Annotated[
        bool, typer.Option("--both-strands", help="Average the logits of both strands.")
    ] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="Windows a step.")] = 256,
    trust_code: TrustCode = False,
    device: Device = None,
) -> None:
    """Predict sequences, regions, or whole contigs bin by bin.

    Give one of --fasta, --bed and --contigs. What is longer than the model's window is read window
    by window, first and last included; of a shorter region, the window is centred on it. A command
    that was stopped goes on where it was when it is given again.
    """
    from nucleotides.load_settings import load_settings
    from nucleotides.predict import load
    from nucleotides.predict.regions.plan_prediction import Given, plan_prediction
    from nucleotides.predict.regions.predict_file import predict_file
    from nucleotides.predict.regions.predict_rows import How
    from nucleotides.train.allocator import keep_freed_memory
    from nucleotides.train.evaluate import pick_device

    keep_freed_memory()
    settings = load_settings()
    where = genome or Path(str(settings.GENOME_STORE))
    given = Given(out, where, fasta, bed, contigs, step)
    how = How(tuple(tasks or ()), recalibrated, logits, both_strands, join.value, batch_size)
    opened = load(
        list(model) if model else Path(str(settings.INFERENCE_MODEL)), trust_code=trust_code
    )
    opened.network.to(pick_device(device or settings.DEVICE))
    source, write = plan_prediction(given, opened)
    names = predict_file(opened, source, how, Path(out), write)
    typer.echo(f"{len(names):,} task{'s' * (len(names) != 1)}: {out}")
