"""A round's files, and calls on them that take nothing but text."""

from __future__ import annotations

import os
from pathlib import Path

from nucleotides.deploy.start_over.restore import restore_archive
from nucleotides.deploy.start_over.start_over import start_over
from nucleotides.settings import Settings

Tree = dict[str, tuple[str, object, int]]

STORE = ("manifest.json", "tasks.tsv", "peaks.safetensors", "centres.safetensors", "inputs.json")
STAY = (
    "data/bed/download/ENCFF000AAA.bed.gz",
    "data/bed/manually_added/mine.bed",
    "data/bed/preprocessed/notes.txt",
    "data/genomes/GRCh38.fasta.gz",
    "data/genomes/GRCh38.store/codes.u8",
    "data/metadata/snapshots/dnase.2026-11-26T065255Z.tsv.gz",
    "data/metadata/rate.json",
    "data/training/my_notes.md",
    "lightning_logs/version_0/checkpoints/best.ckpt",
    "model/weights.safetensors",
    "predictions.effects/manifest.json",
)
GO = (
    *(f"data/training/targets/{name}" for name in STORE),
    "data/metadata/dnase.tsv",
    "data/metadata/dnase.tsv.json",
    "data/metadata/chip.tsv",
    "data/metadata/chip.tsv.json",
    "data/training/selected_experiments.tsv",
    "data/training/selected_signals.tsv",
    "data/training/dropped_files.tsv",
    "data/training/lock.json",
    "data/training/distinct_features.txt",
    "data/training/target.bed.gz",
    "data/training/target.bed.gz.tbi",
    "data/training/intervals.bed",
    "data/training/positive_weights.tsv",
    "data/training/preprocessing.log",
    "data/training/distinct_features_umap.tsv",
    "data/training/mean_predictions.tsv",
    "data/bed/preprocessed/k562_ctcf.bed.gz",
    "data/bed/preprocessed/k562_ctcf.bed.gz.tbi",
)


def settings(top: Path, archive: Path) -> Settings:
    return Settings(_env_file=None, TOP_DIR=top, ARCHIVE_DIR=archive)  # type: ignore[call-arg]


def write(top: Path, names: tuple[str, ...] = GO + STAY, salt: str = "") -> None:
    """Files of different bytes, times and permissions."""
    for number, name in enumerate(names):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{salt}{name}\n".encode() * (1 + number % 3))
        path.chmod(0o600 + number % 8)
        os.utime(path, ns=(10**18 + number, 10**18 + 1_000_003 * number))


def tree(folder: Path, *, without: tuple[str, ...] = ()) -> Tree:
    """Every file and link below `folder`: kind, bytes or aim, mode; and times."""
    found: Tree = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if (path.is_dir() and not path.is_symlink()) or name.startswith(without):
            continue
        status = path.lstat()
        content: object = path.readlink() if path.is_symlink() else path.read_bytes()
        found[name] = (oct(status.st_mode), content, status.st_mtime_ns)
    return found


def run(top: str, archive: str, *, delete: bool = False, overwrite: bool = False) -> None:
    """Start over."""
    given = settings(Path(top), Path(archive))
    start_over(given, delete=delete, overwrite_archive=overwrite)


def run_deleting(top: str, archive: str) -> None:
    """Start over, deleting."""
    run(top, archive, delete=True)


def run_overwriting(top: str, archive: str) -> None:
    """Start over, keeping only the new archive."""
    run(top, archive, overwrite=True)


def bring_back(top: str, archive: str) -> None:
    """Restore the one archive there is, if it is still there."""
    for folder in Path(archive).glob("[!.]*"):
        restore_archive(settings(Path(top), Path(archive)), folder.name)


def bring_first_back(top: str, archive: str) -> None:
    """Restore the first archive, what is newer set aside."""
    folder = min(Path(archive).glob("2000*"), default=None)
    if folder:
        given = settings(Path(top), Path(archive))
        restore_archive(given, folder.name, set_aside=True)
