"""Predictions along a genome as tracks that genome browsers show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from nucleotides.errors import CoordinateError, InputError, MissingDependencyError, StoreError
from nucleotides.files import replacing
from nucleotides.genome.match_contigs import match_contigs
from nucleotides.predict.keep_rows import open_rows
from nucleotides.progress import track


def import_pybigtools() -> Any:
    """The library that writes bigWig.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        return import_module("pybigtools")
    except ImportError:
        raise MissingDependencyError("pybigtools", "tracks") from None


def in_order(regions: pd.DataFrame) -> pd.DataFrame:
    """Regions (`read_regions`) by contig and start, as a bigWig has them.

    Raises:
        CoordinateError: two overlap: a base of a bigWig has one value.
    """
    table = regions.sort_values(["contig", "start"], kind="stable")
    later = table.shift(-1)
    double = (table["contig"] == later["contig"]) & (table["end"] > later["start"])
    if double.any():
        at = int(double.to_numpy().argmax())
        one, two = (
            f"{row.chrom}:{row.start}-{row.end}" for row in table.iloc[at : at + 2].itertuples()
        )
        raise CoordinateError(
            f"{one} and {two} overlap, and a base of a bigWig has one value: write a table "
            "(.tsv, .parquet, .h5), or give regions that do not overlap"
        )
    return table


def write_tracks(
    paths: Sequence[Path],
    tasks: Sequence[str],
    out: Path,
    contigs: Mapping[str, int],
    bin: int | None = None,
    step: int | None = None,
) -> None:
    """One bigWig a task, `<task>.bw`, in the folder `out`, which is replaced.

    Args:
        paths: parts (`save_rows`) with `chrom`, `start`, `end`, in order of contig and start.
        tasks: names of the columns of the values.
        out: the folder.
        contigs: {name: length} of the genome.
        bin, step: of rows that are bins of `bin` bases, `step` apart. Where they overlap, each has
            its value on the `step` bases in its middle. Other rows have theirs on all their bases.

    Raises:
        MissingDependencyError: pybigtools is not installed.
        InputError: two tasks whose files would have the same name.
        StoreError: the library could not write a file.
    """
    library = import_pybigtools()
    names = [re.sub(r"[^\w.+-]", "_", task) + ".bw" for task in tasks]
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise InputError(f"two tasks would have the track {double}: choose one with --tasks")
    inset = (bin - step) // 2 if bin and step and step < bin else 0
    with replacing(out) as folder:
        folder.mkdir(parents=True)
        for i, name in enumerate(track(names, "tracks")):
            rows = _values(paths, i, contigs, inset, step if inset else None)
            library.open(str(folder / name), "w").write(dict(contigs), rows)
            _check(library, folder / name)


def _values(
    paths: Sequence[Path], task: int, contigs: Mapping[str, int], inset: int, width: int | None
) -> Iterator[tuple[str, int, int, float]]:
    """Contig, start, end and value of each row of one task; rows without a value are left out."""
    known = list(contigs)
    for path in paths:
        rows = open_rows(path)
        places = match_contigs(rows.facts["chrom"].unique(), contigs)
        starts = rows.facts["start"].to_numpy() + inset
        ends = rows.facts["end"].to_numpy() if width is None else starts + width
        values = next(iter(rows.values.values()))[:, task]
        columns = (rows.facts["chrom"], starts.tolist(), ends.tolist(), values.tolist())
        for chrom, start, end, value in zip(*columns, strict=True):
            name = known[places[chrom]]
            end = min(end, contigs[name])
            if start < end and value == value:
                yield name, start, end, value


def _check(library: Any, path: Path) -> None:
    """The library prints what goes wrong and raises nothing."""
    try:
        contigs = library.open(str(path)).chroms()
    except Exception as error:
        raise StoreError(f"{path.name} could not be written: {error}") from error
    if not contigs:
        raise StoreError(f"{path.name} could not be written: it is empty")
