"""Regions where labels cannot be trusted (10.1038/s41598-019-45839-z), and what they rule out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nucleotides.errors import InputError
from nucleotides.genome.ranges import Ranges, merge
from nucleotides.targets.merge import Skipped, place_peaks
from nucleotides.targets.peaks import read_peaks


def read_blacklist(path: str | Path | None, contigs: dict[str, int]) -> list[Ranges] | None:
    """Blacklisted bases by contig from a bed or bed.gz; None for None or `none`.

    Raises:
        InputError: no such file, one that is no bed, or one none of whose contigs the genome has.
    """
    if path is None or str(path).lower() == "none":
        return None
    if not Path(path).is_file():
        raise InputError(f"--blacklist {path}: no such file (`--blacklist none` uses none)")
    table = read_peaks(path)
    if not set(table["chrom"]) & set(contigs):
        raise InputError(
            f"--blacklist {path}: the genome has none of its contigs "
            f"({table['chrom'].iloc[0]}, ...); `--blacklist none` uses none"
        )
    return place_peaks(table, contigs, Skipped())


def touching_centres(regions: Sequence[Ranges], bin: int) -> list[Ranges]:
    """Centres, by contig, whose bin [p - bin//2, p - bin//2 + bin) holds a base of the regions.

    A sample is left out for its label, so it is the bin that counts: blacklisted sequence may
    still be the surroundings of a bin that can be trusted.
    """
    return [merge(r.starts - (bin - bin // 2) + 1, r.ends + bin // 2) for r in regions]
