"""`nucleotides export`: a model, and all that is known of it, as one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nucleotides.cli.of_a_run import TrustCode


def export(
    out: Annotated[Path, typer.Option(help="Folder of the bundle; an older one is replaced.")],
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="RUN",
            help="Folder of a run, a checkpoint, a bundle, or its address. [default: newest run]",
            show_default=False,
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(help="Terms of the weights: a name (CC-BY-4.0), or a file with the text."),
    ] = None,
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Add model.onnx, held against torch, for other programs.")
    ] = False,
    trust_code: TrustCode = False,
) -> None:
    """Write a bundle: a folder that is all one needs to predict, explain and serve.

    It holds weights (safetensors), architecture, tasks with their facts, map and scores,
    calibration, scores of the genome, metrics, what it was trained on, a card, the licence, and
    checksums; no pickle and no code. What `post-process` found out of the run goes along. --onnx
    needs pip install 'nucleotides[onnx]'.
    """
    from nucleotides.deploy.export.export import export as write
    from nucleotides.load_settings import load_settings
    from nucleotides.predict.open_model import fetched
    from nucleotides.train.reopen import newest_best

    path = fetched(source or newest_best(load_settings().LIGHTNING_LOGS))
    done = write(path, out, licence=licence, onnx=onnx, trust_code=trust_code)
    if done.onnx is not None:
        typer.echo(f"model.onnx is off torch by {done.onnx:.1e} of the largest logit")
    for name, how in done.absent.items():
        typer.echo(f"without {name}: {how}")
    typer.echo(f"bundle: {done.path}")
