"""`nucleotides data`: what is in the stores, and whether they are whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from nucleotides.data.check import FileCheck


def data(
    genome: Annotated[
        Path | None, typer.Option(help="Genome store. [default: setting GENOME_STORE]")
    ] = None,
    targets: Annotated[
        Path | None, typer.Option(help="Target store. [default: setting TARGET_STORE]")
    ] = None,
    intervals: Annotated[
        Path | None,
        typer.Option(help="Bed of training intervals. [default: setting INTERVALS, if there]"),
    ] = None,
    validation: Annotated[
        str, typer.Option(help="Held out for validation: chr6,chr7 or chr20:5000000-6000000.")
    ] = "chr6,chr7",
    test: Annotated[str, typer.Option(help="Held out for the test, likewise.")] = "chr8,chr9",
    split_file: Annotated[
        Path | None,
        typer.Option("--split_file", help="Instead, a bed: fourth column train, validation, test."),
    ] = None,
    folds: Annotated[int | None, typer.Option(help="Instead, so many folds.")] = None,
    fold: Annotated[int | None, typer.Option(help="The fold that is the test, from 0 on.")] = None,
    blacklist: Annotated[
        str | None,
        typer.Option(help="Bed or none. [default: setting BLACKLIST, if there]"),
    ] = None,
    background: Annotated[float, typer.Option(help="As in train.")] = 0.0,
    sampling: Annotated[str | None, typer.Option(help="As in train: intervals=0.5,gc=0.5.")] = None,
    sequence_length: Annotated[
        int, typer.Option("--sequence_length", min=1, help="Bases of a window.")
    ] = 1000,
    bin: Annotated[int, typer.Option(min=1, help="Bases of the label bin.")] = 200,
    threshold: Annotated[float, typer.Option(help="Covered part that makes a bin positive.")] = 0.5,
    leakage: Annotated[bool, typer.Option(help="Look for sequence that the parts share.")] = True,
    tasks: Annotated[
        Path | None, typer.Option(help="Write the table by task to this file (TSV).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only verify every file of the stores.")
    ] = False,
) -> None:
    """Show what is in the stores, or check that they are whole.

    Tasks and peaks, how often tasks are positive in each part of the split, quantiles of these base
    rates by assay, and what sequence the parts share. The options are those of `train`, with the
    same defaults. With --check every file is compared with its checksum: exit code 3 if one is
    damaged or missing.
    """
    from nucleotides.load_settings import load_settings

    settings = load_settings()
    stores = (genome or settings.GENOME_STORE, targets or settings.TARGET_STORE)
    if check:
        _check(*stores, as_json)
        return
    if targets is None and intervals is None and settings.INTERVALS.exists():
        intervals = settings.INTERVALS
    if genome is None and blacklist is None and settings.BLACKLIST.exists():
        blacklist = str(settings.BLACKLIST)

    from nucleotides.data.describe import describe
    from nucleotides.data.leakage import leakage as find_leakage
    from nucleotides.data.mixture import parse_sampling
    from nucleotides.data.open_plan import open_plan

    plan = open_plan(
        *stores,
        sampling=parse_sampling(sampling, background),
        intervals=intervals,
        blacklist=blacklist,
        validation=validation,
        test=test,
        split_file=split_file,
        folds=folds,
        fold=fold,
        sequence_length=sequence_length,
        bin=bin,
        threshold=threshold,
    )
    found = describe(plan, find_leakage(plan) if leakage else ())
    if tasks:
        from nucleotides.files import replacing

        with replacing(tasks) as temporary:
            found.tasks.to_csv(temporary, sep="\t", index=False, float_format="%.6g")
    if as_json:
        _print_json(found.as_json())
    else:
        from nucleotides.cli.data_tables import print_description

        print_description(found)
        if tasks:
            typer.echo(f"by task: {tasks}")


def _check(genome: Path, targets: Path, as_json: bool) -> None:
    from nucleotides.data.check import check_stores

    checks = check_stores(genome, targets)
    bad = [check for check in checks if check.state in ("damaged", "missing")]
    if as_json:
        _print_json({"ok": not bad, "files": [_plain(check) for check in checks]})
    else:
        for check in checks:
            typer.echo(f"{check.state:<10}{check.path} ({check.bytes:,} bytes): {check.found}")
    if bad:
        from nucleotides.errors import CorruptStoreError

        names = ", ".join(str(check.path) for check in bad)
        raise CorruptStoreError(f"not as written: {names}. Run `nucleotides pre-process` again")


def _plain(check: FileCheck) -> dict[str, Any]:
    return {**vars(check), "path": str(check.path)}


def _print_json(content: dict[str, Any]) -> None:
    import json

    typer.echo(json.dumps(content, indent=2))
