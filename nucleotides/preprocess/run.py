"""The workflow of `nucleotides pre-process`, from top to bottom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nucleotides import __version__
from nucleotides.data.splits import Split
from nucleotides.encode.download import Downloads
from nucleotides.encode.words import as_bytes
from nucleotides.errors import DownloadError, InputError, MismatchError
from nucleotides.files import read_manifest, sha256
from nucleotides.genome import GenomeStore
from nucleotides.hold import alone_in
from nucleotides.preprocess.lock import Labels, Lock, read_lock, write_lock
from nucleotides.preprocess.log import Log
from nucleotides.preprocess.outputs import write_outputs, write_table
from nucleotides.preprocess.places import Places
from nucleotides.preprocess.portal import Chosen, Portal, choose, fetch_files
from nucleotides.preprocess.recipe import Recipe
from nucleotides.preprocess.reference import Wanted, get_blacklist, get_reference
from nucleotides.preprocess.write_recipe import write_recipe
from nucleotides.targets.build import Built
from nucleotides.targets.merge import Skipped
from nucleotides.targets.write_store import FORMAT, VERSION

_SHOWN = 10  # failed files in a message; the log has all


@dataclass(frozen=True)
class Request:
    """What is asked of pre-processing.

    Attributes:
        places: where everything lies.
        assembly: its name, for the lock file.
        portal: how the portal is asked for experiments.
        encode: ask it; else only own peak files count.
        lock: a lock file to make the store of again, in place of asking.
        validation, test: held-out regions, for the positive weights.
        labels: the label rule.
        reference, blacklist: where they are fetched from if they are not there.
        allow_missing: go on without files that cannot be fetched.
        n_workers: threads that read peak files.
    """

    places: Places
    assembly: str
    portal: Portal
    encode: bool = True
    lock: Path | None = None
    validation: str = "chr6,chr7"
    test: str = "chr8,chr9"
    labels: Labels = field(default_factory=Labels)
    reference: Wanted = field(default_factory=Wanted)
    blacklist: Wanted = field(default_factory=Wanted)
    allow_missing: bool = False
    n_workers: int = 1


@dataclass(frozen=True)
class Result:
    """What pre-processing made."""

    genome: GenomeStore
    built: Built
    recipe: Recipe


def pre_process(request: Request) -> Result:
    """From the portal (or a lock file) and own peak files to everything that training reads.

    What is there and right is not made or fetched again; every file is replaced whole, so that a
    run that is stopped, at any moment, is finished by the next one.

    Raises:
        MetadataError, PolicyError, FastaError, PeakFileError, InputError: wrong input.
        DownloadError: files that could not be fetched, each with its reason.
        MismatchError: with a lock file, what is no longer what it was.
        OutOfSpaceError: the disk is full.
    """
    places, log = request.places, Log(request.places.log)
    old = read_lock(request.lock) if request.lock else None
    chosen = choose(request.portal) if request.encode and not old else None
    recipe = old.recipe if old else write_recipe(chosen.selection if chosen else None, places.own)
    if chosen:
        log.say(_selected(chosen))
        _check_chosen(chosen, recipe, log)
    get_reference(places.reference, request.reference, request.portal, log)
    if request.encode:
        get_blacklist(places.blacklist, request.blacklist, request.portal, log)
    genome = GenomeStore.open_or_build(places.reference, places.genome_store)
    split = Split.parse_present(genome.contigs, request.validation, request.test)
    if old:
        _check_inputs(old, genome, places)
    recipe, missing = _fetch(recipe, request, log)
    with alone_in(places.target_store.parent):
        built = write_outputs(recipe, genome, split, places, request.labels, request.n_workers)
        if places.dropped:
            _write_dropped(chosen, missing, places.dropped)
        lock = _lock(request, recipe, chosen, old, genome, built, missing)
        if old:
            _check_store(old, lock)
        if places.lock:
            write_lock(places.lock, lock)
    _tell(built, log)
    return Result(genome, built, recipe)


def _selected(chosen: Chosen) -> str:
    selection = chosen.selection
    n_files, n_tasks = len(selection.files), len(selection.tasks)
    of = len(selection.decisions)
    return f"selected {n_files:,} of {of:,} files of the portal: {n_tasks:,} tasks"


def _check_chosen(chosen: Chosen, recipe: Recipe, log: Log) -> None:
    """Tell of names that no table holds; refuse a selection of nothing, with its last rule."""
    selection = chosen.selection
    if selection.absent:
        log.say(f"named, but in no table: {_some(selection.absent)}")
    if not len(selection.files) and not recipe.tasks:
        last = selection.counts.loc[selection.counts["dropped"] > 0].tail(1)
        rule = f"; the last went by the rule '{last['rule'].iloc[0]}'" if len(last) else ""
        raise InputError(
            f"none of the {len(selection.decisions):,} files of the portal is chosen{rule}: "
            "look at `nucleotides pre-process --plan`, and change the policy or what is named"
        )


def _fetch(recipe: Recipe, request: Request, log: Log) -> tuple[Recipe, dict[str, str]]:
    """The recipe with all its files in place, or, if that is allowed, without the missing ones.

    And the missing ones, each with its reason.
    """
    if not request.places.downloads:
        return recipe, {}
    found = fetch_files(recipe, request.portal, request.places.downloads)
    if found.fetched:
        log.say(_fetched(found))
    if not found.failed:
        return recipe, {}
    for name, reason in found.failed.items():
        log.note(f"could not be fetched: {name}: {reason}")
    if not request.allow_missing:
        raise DownloadError(_failed(found.failed, request, log))
    left = recipe.without(list(found.failed))
    lost = {task.name for task in recipe.tasks} - {task.name for task in left.tasks}
    log.say(f"going on without {_some(found.failed)}")
    if lost:
        log.say(f"without a file, and left out: {_some(sorted(lost))}")
    return left, found.failed


def _some(names: Iterable[str]) -> str:
    """The first of them, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _fetched(found: Downloads) -> str:
    rate = as_bytes(found.n_bytes / found.seconds if found.seconds else 0)
    return (
        f"fetched {len(found.fetched):,} files, {as_bytes(found.n_bytes)}, {rate}/s; "
        f"{len(found.done) - len(found.fetched):,} were there"
    )


def _failed(failed: Mapping[str, str], request: Request, log: Log) -> str:
    shown = [f"{name}: {reason}" for name, reason in list(failed.items())[:_SHOWN]]
    more = f"\n... and {len(failed) - _SHOWN:,} more" if len(failed) > _SHOWN else ""
    where = f" (all in {log.path})" if log.path else ""
    what = "of the lock file are no longer what they were, or cannot be had"
    return (
        f"{len(failed):,} files {what if request.lock else 'could not be fetched'}{where}:\n"
        + "\n".join(shown)
        + f"{more}\nWhat is complete is kept. Run the command again, "
        "or go on without them: --allow-missing"
    )


def _check_inputs(old: Lock, genome: GenomeStore, places: Places) -> None:
    """Refuse a reference and own files that are not those of the lock file."""
    if genome.sha256 != old.reference["sha256"]:
        raise MismatchError(
            f"{places.reference} is not the reference of the lock file: "
            f"its SHA-256 is {genome.sha256}, not {old.reference['sha256']}"
        )
    for file in old.recipe.files:
        path = places.own / file.name
        if file.is_own and not path.is_file():
            raise MismatchError(f"{path} is in the lock file, but not there: put it back")
        if file.is_own and sha256(path) != file.sha256:
            raise MismatchError(
                f"{path} is no longer what it was when the lock file was written: "
                f"its SHA-256 is not {file.sha256}"
            )


def _check_store(old: Lock, new: Lock) -> None:
    """Refuse a store that is not the lock file's, byte for byte."""
    differing = sorted(name for name in old.store if new.store.get(name) != old.store[name])
    if differing and old.recipe == new.recipe:
        raise MismatchError(
            f"the store was made from the same files, but differs in {', '.join(differing)}: "
            f"the lock file was written by nucleotides {old.package}, this is {__version__}"
        )


def _lock(
    request: Request,
    recipe: Recipe,
    chosen: Chosen | None,
    old: Lock | None,
    genome: GenomeStore,
    built: Built,
    missing: dict[str, str],
) -> Lock:
    policy: dict[str, Any] = chosen.selection.policy.as_json() if chosen else {}
    store = read_manifest(built.store.path, FORMAT, VERSION)["sha256"]
    return Lock(
        package=__version__,
        assembly=request.assembly,
        reference={
            "name": genome.fasta.name,
            "sha256": genome.sha256,
            **request.reference.known(genome.fasta),
        },
        blacklist=_blacklist(request),
        metadata=list(chosen.snapshots) if chosen else (old.metadata if old else []),
        policy=old.policy if old else policy,
        policy_sha256=old.policy_sha256
        if old
        else (chosen.selection.policy.sha256() if chosen else ""),
        labels=request.labels,
        split={"validation": request.validation, "test": request.test},
        recipe=recipe,
        store=store,
        missing=missing,
    )


def _blacklist(request: Request) -> dict[str, Any] | None:
    path = request.places.blacklist
    if not path or not path.is_file():
        return None
    return {"name": path.name, "sha256": sha256(path), **request.blacklist.known(path)}


def _write_dropped(chosen: Chosen | None, missing: Mapping[str, str], path: Path) -> None:
    """Why files are not in the store; where nothing was selected, an older table would mislead."""
    if chosen is None:
        path.unlink(missing_ok=True)
        return
    decisions = chosen.selection.decisions
    lost = decisions["accession"].isin([name.partition(".")[0] for name in missing])
    decisions = decisions.assign(rule=decisions["rule"].mask(lost, "could not be fetched"))
    columns = ["accession", "experiment", "biosample", "target", "output_type", "rule"]
    write_table(decisions.loc[decisions["rule"] != "", columns], path)


def _tell(built: Built, log: Log) -> None:
    if built.reused:
        log.say(f"{built.reused:,} tasks had not changed and were taken over")
    for sentence in Skipped(**built.store.skipped).sentences():
        log.say(sentence)
    log.note(f"{len(built.store.tasks):,} tasks, {built.store.n_peaks:,} merged peaks")
