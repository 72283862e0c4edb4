"""`nucleotides demo`: the whole main job on real data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[Path, typer.Option(help="Folder for data, run, model and report.")] = Path(
        "demo"
    ),
    seed: Annotated[
        int,
        typer.Option(help="Seed of samples, initial weights and dropout.", min=0, max=2**32 - 1),
    ] = 0,
) -> None:
    """Run the whole main job on real data inside the package.

    40 ENCODE experiments (TF and histone ChIP-seq, DNase-seq) on GRCh38 chr20:0-10,000,000 are
    pre-processed, a small network is trained, and it is tested on a megabase that it never saw.
    Leaves metrics.json, report.html, the model (for `nucleotides.load`), and the run.
    """
    from nucleotides.cli.tables import print_summary
    from nucleotides.demo.run import run_demo
    from nucleotides.load_settings import load_settings

    done = run_demo(out, seed, load_settings().DEVICE)
    print_summary(done.table, "chr20:3,000,000-4,000,000, never seen in training")
    typer.echo(f"\n{done.seconds:.0f} s in all. Look at the report: {done.report}")
    typer.echo(f"The model is in {done.model}:")
    typer.echo(f"  python -c \"import nucleotides; print(nucleotides.load('{done.model}').tasks)\"")
    typer.echo("Next, your own peaks: nucleotides pre-process --help")
