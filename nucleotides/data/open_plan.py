"""A plan of samples from paths and the arguments of `train`."""

from __future__ import annotations

from pathlib import Path

from nucleotides.data.blacklist import read_blacklist
from nucleotides.data.folds import fold_split
from nucleotides.data.plan import SamplePlan
from nucleotides.data.split_file import read_split
from nucleotides.data.splits import DEFAULT_TEST, DEFAULT_VALIDATION, Split
from nucleotides.errors import InputError, MismatchError
from nucleotides.genome import GenomeStore
from nucleotides.targets import TargetStore
from nucleotides.targets.centres import needed_bases
from nucleotides.targets.merge import Skipped, place_peaks
from nucleotides.targets.peaks import read_peaks


def open_plan(
    genome: str | Path,
    targets: str | Path,
    *,
    sampling: dict[str, float],
    intervals: str | Path | None = None,
    blacklist: str | Path | None = None,
    validation: str | list[str] = DEFAULT_VALIDATION,
    test: str | list[str] = DEFAULT_TEST,
    split_file: str | Path | None = None,
    folds: int | None = None,
    fold: int | None = None,
    **rule: int | float | bool,
) -> SamplePlan:
    """A plan from paths and the arguments of `train`.

    Args:
        rule: sequence_length, bin, threshold, max_shift, both_strands, seed.

    Raises:
        StoreError: a store is missing, damaged, or older than its FASTA.
        MismatchError: the two stores are of different genomes.
        InputError: regions, folds or files that cannot be (the message names the argument).
    """
    _check_rule(rule.get("bin", 200), rule.get("sequence_length", 1000), rule.get("threshold", 0.5))
    opened = GenomeStore.open(genome)
    opened.check_current()
    store = TargetStore.open(targets)
    if store.contigs != opened.contigs:
        raise MismatchError(
            f"{targets} and {genome} were made from different genomes: "
            "run `nucleotides pre-process` again"
        )
    regions = None
    if intervals is not None:
        regions = place_peaks(read_peaks(intervals), opened.contigs, Skipped())
    return SamplePlan(
        opened,
        store,
        _split(store, validation, test, split_file, folds, fold),
        sampling,
        regions,
        read_blacklist(blacklist, opened.contigs),
        **rule,  # type: ignore[arg-type]
    )


def _check_rule(bin: int | float, length: int | float, threshold: float) -> None:
    if bin > length:
        raise InputError(
            f"--bin {bin} is wider than --sequence_length {length}: "
            "labels would lie outside of what the model sees"
        )
    needed_bases(int(bin), threshold)


def _split(
    store: TargetStore,
    validation: str | list[str],
    test: str | list[str],
    split_file: str | Path | None,
    folds: int | None,
    fold: int | None,
) -> Split:
    regions = (validation, test) != (DEFAULT_VALIDATION, DEFAULT_TEST)
    given = {
        "--validation and --test": regions,
        "--split_file": split_file is not None,
        "--folds": folds is not None,
    }
    chosen = [name for name, there in given.items() if there]
    if len(chosen) > 1:
        raise InputError(f"{' and '.join(chosen)} say different things: give one of them")
    if folds is None and fold is not None:
        raise InputError(f"--fold {fold} needs --folds")
    if folds is not None:
        return fold_split(store, folds, fold or 0)
    if split_file is not None:
        return read_split(split_file, store.contigs)
    return Split.parse(store.contigs, validation, test)
