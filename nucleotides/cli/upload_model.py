"""`nucleotides upload-model`: send a model to where it is served from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def upload_model(
    model: Annotated[
        Path | None, typer.Argument(help="Its bundle. [default: setting INFERENCE_MODEL]")
    ] = None,
    destination: Annotated[
        str | None,
        typer.Option(
            help="A folder, s3://bucket/path, gs://..., az://... [default: setting DEPLOY_PATH]"
        ),
    ] = None,
    genome: Annotated[
        Path | None, typer.Option(help="Genome store. [default: setting GENOME_STORE]")
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="Precomputed effects, a folder. [default: none]")
    ] = None,
    tables: Annotated[
        bool,
        typer.Option(help="Send DISTINCT_FEATURES_UMAP and MEAN_PREDICTIONS, if they are there."),
    ] = True,
    version: Annotated[
        str | None, typer.Option(help="Name of the version. [default: date and time]")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a version of the same name.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Send what seems to be there, too.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")
    ] = False,
) -> None:
    """Send a model, with the reference, to where it is served from.

    The bundle has weights, tasks with descriptions, their map and mean predictions; no code is
    sent. Everything is opened first as its readers will open it; nothing is sent but the files that
    its manifest lists. Only what differs travels, several pieces at once, tried again when it
    fails. The new version is the latest once it is whole: readers get the old one or the new one.
    Stopped, the same command goes on. `nucleotides deployed` lists versions, and rolls back. Object
    stores need pip install 'nucleotides[cloud]'; another S3 than Amazon's is set by
    DEPLOY_ENDPOINT.
    """
    from nucleotides.deploy.check_parts import check_parts
    from nucleotides.deploy.check_writable import check_writable
    from nucleotides.deploy.collect import collect
    from nucleotides.deploy.parts import choose_parts
    from nucleotides.deploy.plan_upload import plan_upload
    from nucleotides.deploy.upload import upload
    from nucleotides.encode.words import as_bytes, as_files
    from nucleotides.load_settings import load_settings
    from nucleotides.storage import open_storage

    settings = load_settings()
    storage = open_storage(
        destination or str(settings.DEPLOY_PATH), endpoint=settings.DEPLOY_ENDPOINT
    )
    check_writable(storage)
    parts = choose_parts(
        settings, model=model, genome=genome, predictions=predictions, tables=tables
    )
    check_parts(parts)
    sources = collect(parts)
    plan = plan_upload(storage, sources, version, repair=repair)
    name = plan.manifest.name
    typer.echo(
        f"version {name} at {storage.url}: {as_files(len(sources))}, "
        f"{as_bytes(plan.manifest.size)}, of which {as_bytes(plan.n_bytes)} are not there"
    )
    if plan.is_latest and not plan.jobs:
        typer.echo("it is there, and the latest")
        return
    if dry_run:
        for place, path in parts.items():
            typer.echo(f"would send {path} as {place}")
        if plan.replaces:
            typer.echo(f"a version {name} with other files is there: --overwrite replaces it")
        return
    upload(storage, sources, plan, overwrite=overwrite)
    typer.echo(f"{name} is the latest version at {storage.url}")
