"""`nucleotides test`: a checkpoint on the held-out split."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nucleotides.cli.of_a_run import Device, Genome, Targets, stores_of


class Part(StrEnum):
    """The held-out parts."""

    TEST = "test"
    VALIDATION = "validation"


def test(
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Checkpoint of a run. [default: the best of the newest run]"),
    ] = None,
    part: Annotated[Part, typer.Option(help="Which held-out part.")] = Part.TEST,
    genome: Genome = None,
    targets: Targets = None,
    blacklist: Annotated[
        str | None, typer.Option(help="Bed, or none. [default: that of the training]")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for test.tsv and test.json. [default: the run's]")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Also write the metrics to this file.")] = None,
    device: Device = None,
) -> None:
    """Evaluate a trained model on the held-out split.

    Writes a table by task (AUROC, average precision and its ratio to prevalence, precision,
    recall, MCC) beside the checkpoint, and prints a summary by assay.
    """
    from nucleotides.cli.tables import print_summary
    from nucleotides.files import write_json
    from nucleotides.load_settings import load_settings
    from nucleotides.metrics.summary import as_metrics_json
    from nucleotides.train.allocator import keep_freed_memory
    from nucleotides.train.evaluate import pick_device
    from nucleotides.train.reopen import newest_best
    from nucleotides.train.retest import retest

    keep_freed_memory()
    settings = load_settings()
    path = checkpoint or newest_best(settings.LIGHTNING_LOGS)
    changed = {"genome": genome, "targets": targets, "blacklist": blacklist}
    scored, config, written = retest(
        path,
        part.value,
        changed={name: str(value) for name, value in changed.items() if value},
        fallback=stores_of(settings),
        out=out,
        device=pick_device(device or settings.DEVICE),
    )
    if json:
        write_json(json, as_metrics_json(scored.table, config))
    print_summary(scored.table, f"{part.value}, {path}")
    typer.echo(f"by task: {written.with_suffix('.tsv')}")
