"""Where pre-processing reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """Every path is a file or folder of its own; None is not written, or not there.

    Attributes:
        reference: the FASTA.
        genome_store: the memory-mapped reference.
        target_store, target_bed, intervals, task_names, weights: what training reads.
        selected, signals, dropped, lock, log: what was chosen and why.
        sizes: contig lengths.
        blacklist: regions no sample is drawn from.
        downloads: peak files of the portal.
        own: peak files of one's own.
    """

    reference: Path
    genome_store: Path
    target_store: Path
    target_bed: Path
    intervals: Path
    task_names: Path
    weights: Path
    selected: Path
    own: Path
    downloads: Path | None = None
    signals: Path | None = None
    dropped: Path | None = None
    lock: Path | None = None
    log: Path | None = None
    sizes: Path | None = None
    blacklist: Path | None = None
