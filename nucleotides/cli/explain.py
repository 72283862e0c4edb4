"""`nucleotides explain`: which bases a model's predictions depend on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nucleotides.cli.many_words import ManyWords
from nucleotides.cli.of_a_run import Device, TrustCode

COMMAND_CLASS = ManyWords


class Part(StrEnum):
    """What was held out of training."""

    TEST = "test"
    VALIDATION = "validation"


def explain(
    out: Annotated[Path, typer.Option(help="Folder for the results.")],
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="Bundle, checkpoint or run; several as one. [default: setting INFERENCE_MODEL]"
        ),
    ] = None,
    fasta: Annotated[Path | None, typer.Option(help="Sequences (plain, gzip, bgzip).")] = None,
    bed: Annotated[Path | None, typer.Option(help="Regions of the genome.")] = None,
    top: Annotated[
        int | None,
        typer.Option(min=1, help="Held-out windows: the N highest predictions of each task."),
    ] = None,
    tasks: Annotated[
        list[str] | None,
        typer.Option(help="Names, or patterns such as '*CTCF*'. [default: all]"),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            help="mutagenesis, saliency, input_x_gradient, integrated_gradients or deep_lift_shap."
        ),
    ] = "mutagenesis",
    scale: Annotated[
        str, typer.Option(help="Of mutagenesis: differences of logit or of probability.")
    ] = "logit",
    genome: Annotated[
        Path | None,
        typer.Option(help="Genome store or FASTA. [default: setting GENOME_STORE]"),
    ] = None,
    targets: Annotated[
        Path | None, typer.Option(help="Target store, for --top. [default: setting TARGET_STORE]")
    ] = None,
    part: Annotated[Part, typer.Option(help="Of --top: which held-out part.")] = Part.TEST,
    among: Annotated[
        int, typer.Option(min=1, help="Of --top: among so many windows of that part, at most.")
    ] = 20_000,
    step: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Bases from window to window of longer sequences. [default: a quarter of one]",
        ),
    ] = None,
    motifs: Annotated[
        bool, typer.Option("--motifs", help="Look for motifs that recur, task by task.")
    ] = False,
    motif_file: Annotated[
        Path | None,
        typer.Option(
            help="Known motifs to name what is found by (MEME), such as those of HOCOMOCO. "
            "[default: JASPAR 2024, vertebrates]"
        ),
    ] = None,
    npz: Annotated[bool, typer.Option("--npz", help="Write explanations.npz too.")] = False,
    shown: Annotated[int, typer.Option(min=1, help="Sequences on the page.")] = 20,
    precision: Annotated[
        str, typer.Option(help="Of mutagenesis: float32, or bfloat16, which may be faster.")
    ] = "float32",
    seed: Annotated[int, typer.Option(min=0, help="Of the shuffles of deep_lift_shap.")] = 0,
    trust_code: TrustCode = False,
    device: Device = None,
) -> None:
    """Find out which bases a model's predictions depend on, and show it.

    Give one of --fasta, --bed and --top. Of a region shorter than the model's window, the window
    centred on it is explained; of what is longer, overlapping windows, averaged. Writes
    explanations.h5, a page (index.html) with logos and heatmaps, and for regions of a genome a
    bigWig of contributions a task. A command that was stopped goes on where it was when it is
    given again.
    """
    from nucleotides.analyze.explanations.find_items import Given, find_items
    from nucleotides.analyze.explanations.write_explanations import (
        Wanted,
        chosen_tasks,
        write_explanations,
    )
    from nucleotides.errors import InputError
    from nucleotides.explain.methods import How
    from nucleotides.load_settings import load_settings
    from nucleotides.model.motifs import SHIPPED_MOTIFS
    from nucleotides.predict import load
    from nucleotides.train.allocator import keep_freed_memory
    from nucleotides.train.evaluate import pick_device

    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file: give a folder for the results, --out")
    keep_freed_memory()
    settings = load_settings()
    how = How(method, scale, precision, seed)
    given = Given(
        fasta,
        bed,
        top,
        tuple(tasks or ()),
        genome or Path(str(settings.GENOME_STORE)),
        targets or Path(str(settings.TARGET_STORE)),
        part.value,
        among,
    )
    paths = list(model) if model else [Path(str(settings.INFERENCE_MODEL))]
    opened = load(paths if len(paths) > 1 else paths[0], trust_code=trust_code)
    opened.network.to(pick_device(device or settings.DEVICE))
    chosen = chosen_tasks(opened, tasks or ())
    wanted = Wanted(chosen, how, step, shown, npz, motifs, motif_file or SHIPPED_MOTIFS)
    items = find_items(opened, paths[0], given)
    page = write_explanations(opened, items, wanted, out)
    n, k = len(items.codes), len(wanted.tasks)
    typer.echo(f"{n:,} sequence{'s' * (n != 1)}, {k:,} task{'s' * (k != 1)}: {page}")
