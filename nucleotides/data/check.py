"""Are the stores, byte by byte, what was written? Checksums of every file, read once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nucleotides.errors import FastaError
from nucleotides.files import read_manifest, sha256
from nucleotides.genome import store as genome_store
from nucleotides.genome.fasta import FastaReader
from nucleotides.targets import write_store as target_store

State = Literal["whole", "damaged", "missing", "unchecked"]


@dataclass(frozen=True)
class FileCheck:
    """One file of a store: its state, and what that was told by."""

    path: Path
    bytes: int
    state: State
    found: str


def check_stores(genome: Path, targets: Path) -> list[FileCheck]:
    """Compare every file of both stores with the checksum that was written with it.

    A genome store made before checksums were kept is compared, base by base, with its FASTA if
    that is still there.

    Raises:
        StoreError: there is no store, or its manifest cannot be read.
    """
    ours = read_manifest(genome, genome_store.FORMAT, genome_store.VERSION)
    theirs = read_manifest(targets, target_store.FORMAT, target_store.VERSION)
    sums = [(genome / name, known) for name, known in ours.get("files", {}).items()]
    sums += [(targets / name, known) for name, known in theirs["sha256"].items()]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as threads:
        found = list(threads.map(lambda pair: _by_checksum(*pair), sums))
    return found if "files" in ours else [_by_fasta(genome, ours), *found]


def _by_checksum(path: Path, known: str) -> FileCheck:
    if not path.is_file():
        return FileCheck(path, 0, "missing", "no such file")
    size = path.stat().st_size
    if sha256(path) == known:
        return FileCheck(path, size, "whole", "SHA-256 as written")
    return FileCheck(path, size, "damaged", "SHA-256 differs from what was written")


def _by_fasta(genome: Path, manifest: dict[str, Any]) -> FileCheck:
    path, fasta = genome / "codes.u8", Path(manifest["fasta"])
    expected = sum(manifest["contigs"].values())
    if not path.is_file():
        return FileCheck(path, 0, "missing", "no such file")
    size = path.stat().st_size
    if size != expected:
        return FileCheck(path, size, "damaged", f"{expected:,} bytes were written")
    if not fasta.is_file():
        return FileCheck(path, size, "unchecked", f"made before checksums, and {fasta} is gone")
    try:
        reader = FastaReader(fasta)
        differs = next(_differences(path, reader), None)
    except FastaError as error:
        return FileCheck(path, size, "unchecked", f"made before checksums; {error}")
    if differs is not None and sha256(fasta) != manifest["sha256"]:
        return FileCheck(path, size, "unchecked", f"made before checksums; {fasta} has changed")
    if differs is not None:
        return FileCheck(path, size, "damaged", f"base {differs:,} is not that of {fasta}")
    return FileCheck(path, size, "whole", f"base by base as in {fasta}")


def _differences(path: Path, reader: FastaReader) -> Iterator[int]:
    """Positions in the file of the first base of each stretch that differs from the FASTA."""
    codes, at = np.memmap(path, np.uint8, mode="r"), 0
    for _, stretch in reader:
        mine = codes[at : at + stretch.size]
        if mine.size != stretch.size or not np.array_equal(mine, stretch):
            wrong = np.flatnonzero(mine != stretch[: mine.size])
            yield at + (int(wrong[0]) if wrong.size else mine.size)
        at += stretch.size
