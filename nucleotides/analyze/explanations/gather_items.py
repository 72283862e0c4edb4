"""What is to be explained: sequences of a FASTA, or stretches of a genome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.genome import GenomeStore
from nucleotides.predict.regions.read_regions import read_regions
from nucleotides.predict.regions.read_sequences import read_sequences

Codes = NDArray[np.uint8]


@dataclass(frozen=True)
class Items:
    """What is explained, one by one.

    Attributes:
        facts: a row each: `name`; of a genome `chrom`, `start`, `end` (0-based, half-open) and
            `strand`; and what else is known.
        codes: uint8 (length,) each, the window's length or longer.
        contigs: {name: length} of the genome, or None.
    """

    facts: pd.DataFrame
    codes: list[Codes]
    contigs: dict[str, int] | None = None


def items_of_fasta(path: Path, length: int) -> Items:
    """Every record of a FASTA.

    Raises:
        FastaError, InputError: as `read_sequences`, a record that is too short among them.
    """
    records = list(read_sequences(path, length))
    return Items(pd.DataFrame({"name": [r.name for r in records]}), [r.codes for r in records])


def items_of_bed(path: Path, genome: GenomeStore, length: int) -> Items:
    """Regions of a BED; of one shorter than the window, the window that is centred on it.

    Raises:
        InputError, CoordinateError, UnknownNameError: as `read_regions`.
    """
    return items_of_regions(read_regions(path, genome), genome, length)


def items_of_regions(regions: pd.DataFrame, genome: GenomeStore, length: int) -> Items:
    """Rows of `read_regions`; further columns are kept.

    A region [s, e) that is shorter than the window becomes that from (s + e) // 2 - length // 2 on,
    N beyond the contig.
    """
    starts, ends = (regions[name].to_numpy(np.int64) for name in ("start", "end"))
    short = ends - starts < length
    starts = np.where(short, (starts + ends) // 2 - length // 2, starts)
    ends = np.where(short, starts + length, ends)
    strand = np.full(len(regions), "+")
    if "strand" in regions:
        strand = np.where(regions["strand"] == "-", "-", "+")
    contigs = regions["contig"].to_numpy(np.int64)
    codes = [
        genome.windows(contigs[i : i + 1], starts[i : i + 1], int(size), strand[i : i + 1] == "-")[
            0
        ]
        for i, size in enumerate(ends - starts)
    ]
    known = list(genome.contigs)
    facts = regions.drop(columns="contig").reset_index(drop=True)
    facts = facts.assign(chrom=[known[i] for i in contigs], start=starts, end=ends, strand=strand)
    facts["name"] = _names(facts)
    return Items(facts, codes, dict(genome.contigs))


def _names(facts: pd.DataFrame) -> list[str]:
    """The BED's own, or the place."""
    places = [f"{row.chrom}:{row.start}-{row.end}" for row in facts.itertuples()]
    if "name" not in facts:
        return places
    own = facts["name"].tolist()
    return [n if n and n != "." else place for n, place in zip(own, places, strict=True)]
