"""A split from a file: BED lines whose fourth column is train, validation or test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nucleotides.data.splits import Split
from nucleotides.errors import CoordinateError, InputError, UnknownNameError
from nucleotides.genome import Interval

PARTS = ("train", "validation", "test")


def read_split(path: str | Path, contigs: Mapping[str, int]) -> Split:
    """The split that a file describes: chrom, start, end (0-based, half-open), part.

    Bases named `train` train, and no others; without such a line all that is not held out trains.
    Blank lines and lines that begin with `#`, `track` or `browser` are passed over.

    Raises:
        InputError: no such file, a line that cannot be (named with its number), no held-out
            region, or parts that overlap.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--split_file {path} cannot be read: {error}") from None
    parts: dict[str, list[Interval]] = {part: [] for part in PARTS}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith(("#", "track", "browser")):
            part, region = _line(line, f"--split_file {path}, line {number}", contigs)
            parts[part].append(region)
    if not parts["validation"] or not parts["test"]:
        raise InputError(f"--split_file {path} needs a line for validation and one for test")
    return Split(
        contigs,
        validation=tuple(parts["validation"]),
        test=tuple(parts["test"]),
        train=tuple(parts["train"]) or None,
        made=f"from {path}",
    ).checked()


def _line(line: str, where: str, contigs: Mapping[str, int]) -> tuple[str, Interval]:
    words = line.split()
    if len(words) < 4:
        raise InputError(f"{where}: chrom, start, end and part are needed: {line.strip()!r}")
    contig, start, end, part = words[:4]
    if part not in PARTS:
        raise UnknownNameError("part", part, PARTS, f"({where})")
    if contig not in contigs:
        raise UnknownNameError("contig", contig, contigs, f"({where})")
    try:
        region = Interval(contig, int(start), int(end))
    except (ValueError, CoordinateError):
        raise InputError(f"{where}: {start}-{end} is no interval") from None
    if not 0 < region.width <= contigs[contig] - region.start:
        raise CoordinateError(
            f"{where}: {region} does not lie on {contig}, which has {contigs[contig]:,} bases"
        )
    return part, region
