"""`nucleotides pre-process`: from the portal and own peak files to what training reads."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nucleotides.encode.policy import Policy
    from nucleotides.preprocess.places import Places
    from nucleotides.preprocess.portal import Portal
    from nucleotides.preprocess.run import Request
    from nucleotides.settings import Settings

CHOICE, PORTAL, OWN = "What is chosen", "The portal", "Own data, labels"


class UnknownContigs(StrEnum):
    """What to do with peaks on contigs that the FASTA lacks."""

    SKIP = "skip"
    REFUSE = "refuse"


def pre_process(
    plan: Annotated[
        bool, typer.Option("--plan", help="Print what would be fetched and made; fetch nothing.")
    ] = False,
    diff: Annotated[
        bool,
        typer.Option(
            "--diff", help="Ask the portal and print what a --refresh would change of the store."
        ),
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="ACCESSION", help="Say why a file or an experiment is chosen, or not."
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print --plan or --diff as JSON instead of a table.")
    ] = False,
    print_policy: Annotated[
        bool, typer.Option("--print-policy", help="Print the default policy, to copy and change.")
    ] = False,
    start: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Begin with this in place of the portal's tables: a metadata.tsv, "
            "a cart's files.txt, or a list of accessions.",
            rich_help_panel=CHOICE,
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Selection policy, a YAML file. [default: setting POLICY]", rich_help_panel=CHOICE
        ),
    ] = None,
    max_files: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Take only so many of the portal's files, the first by accession.",
            rich_help_panel=CHOICE,
        ),
    ] = None,
    from_lock: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Make the very store that this lock.json describes.",
            rich_help_panel=CHOICE,
        ),
    ] = None,
    refresh: Annotated[
        bool,
        typer.Option(
            "--refresh",
            help="Ask the portal for its tables again, not only if they are not there.",
            rich_help_panel=PORTAL,
        ),
    ] = False,
    encode: Annotated[
        bool | None,
        typer.Option(
            help="Ask the portal, or use own peak files only. [default: encode, unless --peaks]",
            rich_help_panel=PORTAL,
            show_default=False,
        ),
    ] = None,
    allow_missing: Annotated[
        bool,
        typer.Option(
            "--allow-missing",
            help="Go on without files that cannot be fetched.",
            rich_help_panel=PORTAL,
        ),
    ] = False,
    n_workers: Annotated[
        int,
        typer.Option(
            min=1,
            help="Files fetched at once, and threads that merge (no more than cores).",
            rich_help_panel=PORTAL,
        ),
    ] = 4,
    peaks: Annotated[
        Path | None,
        typer.Option(
            help="Folder of own peak files. [default: setting BED_MANUALLY_ADDED_DIR]",
            rich_help_panel=OWN,
        ),
    ] = None,
    fasta: Annotated[
        Path | None,
        typer.Option(help="Reference FASTA. [default: setting REFERENCE]", rich_help_panel=OWN),
    ] = None,
    validation: Annotated[
        str,
        typer.Option(
            help="Held out for validation: chr6,chr7 or chr20:5000000-6000000.",
            rich_help_panel=OWN,
        ),
    ] = "chr6,chr7",
    test: Annotated[
        str, typer.Option(help="Held out for the test, likewise.", rich_help_panel=OWN)
    ] = "chr8,chr9",
    unknown_contigs: Annotated[
        UnknownContigs,
        typer.Option(help="What to do with peaks on contigs the FASTA lacks.", rich_help_panel=OWN),
    ] = UnknownContigs.SKIP,
) -> None:
    """Turn peak files of the ENCODE portal, and your own, into training targets.

    The portal's metadata tables are fetched once and kept; a policy chooses files from them; these
    are fetched and checked, merged by task, and labels are indexed at every position. Run it again
    after a stop or an error: what is complete is not fetched or made again. Every bed, narrowPeak
    or broadPeak file (gzipped or not) in BED_MANUALLY_ADDED_DIR becomes a task of its own, named
    after it; a table tasks.tsv beside them may give, by `file`, its assay, biosample and target.
    The held-out regions matter here only for the positive weights, which count the rest.
    """
    from nucleotides.encode.policy import load_policy, policy_text
    from nucleotides.load_settings import load_settings

    if print_policy:
        typer.echo(policy_text(load_settings().ASSEMBLY), nl=False)
        return
    settings = load_settings()
    rules = load_policy(policy or settings.POLICY, settings.ASSEMBLY)
    portal = _portal(settings, rules, start, max_files, refresh, n_workers)
    places = _places(settings, peaks, fasta)
    asks = {"--plan": plan, "--diff": diff, "--explain": explain}
    _check_options(
        [name for name, given in asks.items() if given],
        as_json=json,
        only_own=encode is False or (encode is None and peaks is not None),
        refresh=refresh,
        lock=from_lock is not None,
        choices={"--from": start, "--policy": policy, "--max-files": max_files},
    )
    if plan or diff or explain:
        _look(portal, places, diff, explain, json)
        return
    request = _request(settings, portal, places, n_workers)
    _run(
        request,
        encode=peaks is None if encode is None else encode,
        fasta=fasta,
        lock=from_lock,
        split=(validation, test),
        unknown_contigs=unknown_contigs.value,
        allow_missing=allow_missing,
    )


def _check_options(
    asks: list[str],
    *,
    as_json: bool,
    only_own: bool,
    refresh: bool,
    lock: bool,
    choices: dict[str, object],
) -> None:
    """Refuse options that would be passed over in silence."""
    from nucleotides.errors import InputError

    choosing = [name for name, given in choices.items() if given is not None]
    if as_json and asks not in (["--plan"], ["--diff"]):
        raise InputError("--json is for --plan or --diff")
    if len(asks) > 1:
        raise InputError(f"{' and '.join(asks)} are different questions: ask one at a time")
    if only_own and (asks or refresh):
        raise InputError(
            f"{(asks or ['--refresh'])[0]} is about the portal: leave --no-encode or --peaks out, "
            "or add --encode"
        )
    if lock and (asks or refresh or choosing):
        first = [*asks, *choosing, "--refresh"][0]
        raise InputError(f"--from-lock makes what the lock file says: leave {first} out")


def _look(portal: Portal, places: Places, diff: bool, explain: str | None, as_json: bool) -> None:
    """Print a difference, an explanation or a plan; change nothing but a table not there yet."""
    from json import dumps

    from nucleotides.encode.explain import explain as explained
    from nucleotides.preprocess.portal import choose, compare_with_portal, plan

    if explain:
        typer.echo(explained(choose(portal).selection, explain))
        return
    assert places.downloads
    assert places.lock
    shown = (
        compare_with_portal(portal, places.lock, places.downloads)
        if diff
        else plan(choose(portal).selection, portal, places.downloads)
    )
    typer.echo(dumps(shown.as_json(), indent=2) if as_json else shown.as_text())


def _run(
    request: Request,
    *,
    encode: bool,
    fasta: Path | None,
    lock: Path | None,
    split: tuple[str, str],
    unknown_contigs: str,
    allow_missing: bool,
) -> None:
    from dataclasses import replace

    from nucleotides.preprocess.lock import Labels
    from nucleotides.preprocess.reference import Wanted
    from nucleotides.preprocess.run import pre_process as run

    labels = Labels(request.labels.bin, request.labels.threshold, unknown_contigs)
    result = run(
        replace(
            request,
            encode=encode,
            lock=lock,
            validation=split[0],
            test=split[1],
            labels=labels,
            allow_missing=allow_missing,
            reference=Wanted() if fasta else request.reference,
        )
    )
    genome, store = result.genome, result.built.store
    bases, contigs = sum(genome.contigs.values()), len(genome.contigs)
    typer.echo(
        f"tasks {len(store.tasks):,}, merged peaks {store.n_peaks:,}, contigs {contigs:,}, "
        f"bases {bases:,}: {store.path}"
    )


def _portal(
    settings: Settings,
    policy: Policy,
    start: Path | None,
    max_files: int | None,
    refresh: bool,
    n_workers: int,
) -> Portal:
    from nucleotides.encode.options import Options
    from nucleotides.preprocess.portal import Portal

    return Portal(
        base_url=settings.ENCODE_BASE_URL,
        tables=(
            (settings.META_DNASE_URL, settings.META_DNASE_FILE),
            (settings.META_CHIP_URL, settings.META_CHIP_FILE),
        ),
        policy=policy,
        start=start,
        max_files=max_files,
        refresh=refresh,
        s3_url=settings.S3_URL,
        options=Options(
            n_workers=n_workers,
            requests_per_second=settings.REQUESTS_PER_SECOND,
            timeout=settings.DOWNLOAD_TIMEOUT,
        ),
    )


def _places(settings: Settings, peaks: Path | None, fasta: Path | None) -> Places:
    from nucleotides.preprocess.places import Places

    return Places(
        reference=fasta or settings.REFERENCE,
        genome_store=settings.GENOME_STORE,
        target_store=settings.TARGET_STORE,
        target_bed=settings.TARGET,
        intervals=settings.INTERVALS,
        task_names=settings.DISTINCT_FEATURES,
        weights=settings.POSITIVE_WEIGHTS,
        selected=settings.SELECTED_EXPERIMENTS,
        own=peaks or settings.BED_MANUALLY_ADDED_DIR,
        downloads=settings.BED_DOWNLOAD_DIR,
        signals=settings.SELECTED_SIGNALS,
        dropped=settings.DROPPED_FILES,
        lock=settings.LOCK,
        log=settings.PREPROCESSING_LOG,
        sizes=settings.CHROM_SIZES,
        blacklist=settings.BLACKLIST,
    )


def _request(settings: Settings, portal: Portal, places: Places, n_workers: int) -> Request:
    import os

    from nucleotides.preprocess.reference import Wanted
    from nucleotides.preprocess.run import Request

    return Request(
        places=places,
        assembly=settings.ASSEMBLY,
        portal=portal,
        reference=Wanted(settings.REFERENCE_URL, settings.REFERENCE_MD5),
        blacklist=Wanted(settings.BLACKLIST_URL, settings.BLACKLIST_MD5),
        n_workers=min(n_workers, len(os.sched_getaffinity(0))),
    )
