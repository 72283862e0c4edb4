"""`nucleotides post-process`: how good a trained model is, and what its predictions mean."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nucleotides.cli.of_a_run import Device, Genome, Targets, stores_of


class MapSource(StrEnum):
    """What the map of the tasks may be made from."""

    LABELS = "labels"
    PREDICTIONS = "predictions"
    WEIGHTS = "weights"


class Prevalence(StrEnum):
    """How common tasks are taken to be."""

    VALIDATION = "validation"
    GENOME = "genome"


def post_process(
    run: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of a run, or a checkpoint of it. [default: the newest run]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results. [default: RUN/post-process]")
    ] = None,
    background: Annotated[
        int, typer.Option(min=1, help="Windows of the genome to compare predictions with.")
    ] = 10_000,
    compare: Annotated[
        Path | None, typer.Option(help="Another run, to tell which tasks became better.")
    ] = None,
    map_from: Annotated[
        MapSource, typer.Option(help="What makes tasks neighbours on their map.")
    ] = MapSource.LABELS,
    map_bins: Annotated[
        int, typer.Option(min=1, help="Bins that the map compares the labels of.")
    ] = 100_000,
    prevalence: Annotated[
        Prevalence,
        typer.Option(
            help="Where tasks are as common as calibrated probabilities take for granted."
        ),
    ] = Prevalence.VALIDATION,
    leakage: Annotated[
        bool, typer.Option(help="Look for held-out sequence in training; reads the genome once.")
    ] = True,
    licence: Annotated[
        str | None, typer.Option(help="Terms of the weights, for the model card.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the map.")] = 0,
    genome: Genome = None,
    targets: Targets = None,
    device: Device = None,
) -> None:
    """Find out how good a model is, task by task, and what its predictions mean.

    Writes report.html, a model card, the background of the genome (MEAN_PREDICTIONS), the map of
    the tasks (DISTINCT_FEATURES_UMAP), all figures (PNG, SVG) and tables (TSV), and the model as
    a bundle for `nucleotides.load`. What cannot be had is told; the rest is made.
    """
    from nucleotides.analyze.attempt import by_reason
    from nucleotides.analyze.examine import Wanted
    from nucleotides.analyze.post_process import post_process as process
    from nucleotides.analyze.report.state_facts import Told
    from nucleotides.cli.tables import print_summary
    from nucleotides.errors import InputError
    from nucleotides.load_settings import load_settings
    from nucleotides.train.allocator import keep_freed_memory
    from nucleotides.train.evaluate import pick_device
    from nucleotides.train.reopen import newest_best, reopen

    keep_freed_memory()
    settings = load_settings()
    if compare is not None and not compare.exists():
        raise InputError(f"--compare {compare}: there is no such run or checkpoint")
    changed = {"genome": genome, "targets": targets}
    opened = reopen(
        run or newest_best(settings.LIGHTNING_LOGS),
        {name: str(path) for name, path in changed.items() if path},
        stores_of(settings),
    )
    wanted = Wanted(
        pick_device(device or settings.DEVICE),
        background,
        map_from.value,
        map_bins,
        compare,
        prevalence.value,
        leakage,
        seed,
    )
    written = process(opened, out or opened.folder / "post-process", wanted, Told(licence=licence))
    data = opened.data
    of_settings = data.targets.path.resolve() == Path(str(settings.TARGET_STORE)).resolve()
    if of_settings and data.tasks == opened.checkpoint.tasks:
        written.copy_to(settings.MEAN_PREDICTIONS, settings.DISTINCT_FEATURES_UMAP)
    print_summary(written.table, f"test, {opened.folder.name}")
    for names, why in by_reason(written.absent):
        typer.echo(f"without {names}: {why}")
    typer.echo(f"report: {written.report}")
    typer.echo(f"model: {written.model}")
