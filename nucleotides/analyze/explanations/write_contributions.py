"""Contributions along a genome as bigWig, a file a task."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from nucleotides.analyze.explanations.keep_explanations import Stored
from nucleotides.errors import InputError
from nucleotides.files import replacing
from nucleotides.predict.regions.write_tracks import import_pybigtools
from nucleotides.progress import track


def write_contributions(stored: Stored, contigs: Mapping[str, int], out: Path) -> None:
    """`<task>.bw` in the folder `out`, which is replaced: of every base explained, what it gives.

    Where several stretches hold a base, their mean; of those on strand "-", on the forward strand.

    Args:
        stored: explanations with `chrom`, `start`, `end` and `strand`.
        contigs: {name: length} of the genome.
        out: the folder.

    Raises:
        MissingDependencyError: pybigtools is not installed.
        InputError: two tasks whose files would have the same name.
    """
    library = import_pybigtools()
    names = [re.sub(r"[^\w.+-]", "_", task) + ".bw" for task in stored.tasks]
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise InputError(f"two tasks would have the track {double}: choose one with --tasks")
    with replacing(out) as folder:
        folder.mkdir(parents=True)
        for task, name in enumerate(track(names, "tracks")):
            library.open(str(folder / name), "w").write(
                dict(contigs), values_along(stored, contigs, task)
            )


def values_along(
    stored: Stored, contigs: Mapping[str, int], task: int
) -> Iterator[tuple[str, int, int, float]]:
    """Contig, start, end and value of each base that is explained, in the order of the genome."""
    for group in _overlapping(stored, list(contigs)):
        chrom = str(stored.facts["chrom"].iloc[group[0]])
        low = min(int(stored.facts["start"].iloc[row]) for row in group)
        high = max(int(stored.facts["end"].iloc[row]) for row in group)
        total, times = np.zeros(high - low), np.zeros(high - low)
        for row in group:
            values = stored.contributions(row, task)
            if stored.facts["strand"].iloc[row] == "-":
                values = values[::-1]
            first = int(stored.facts["start"].iloc[row]) - low
            total[first : first + values.size] += values
            times[first : first + values.size] += 1
        mean = total / times
        for i in range(max(-low, 0), min(high, contigs[chrom]) - low):
            yield chrom, low + i, low + i + 1, float(mean[i])


def _overlapping(stored: Stored, contigs: list[str]) -> Iterator[list[int]]:
    """Rows by contig and start, those that overlap or touch together."""
    facts = stored.facts
    keys = [
        (contigs.index(str(chrom)), int(start), int(end))
        for chrom, start, end in zip(facts["chrom"], facts["start"], facts["end"], strict=True)
    ]
    group: list[int] = []
    reach = (-1, 0)
    for row in sorted(range(len(keys)), key=keys.__getitem__):
        contig, start, end = keys[row]
        if group and (contig, start) > reach:
            yield group
            group = []
        reach = max(reach, (contig, end)) if group else (contig, end)
        group.append(row)
    if group:
        yield group
