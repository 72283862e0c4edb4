"""A genome given as its store or as a FASTA."""

from __future__ import annotations

from pathlib import Path

from nucleotides.errors import InputError
from nucleotides.genome.store import GenomeStore
from nucleotides.progress import say


def open_genome(path: str | Path) -> GenomeStore:
    """Open a store, or that of a FASTA.

    The store of a FASTA is the folder `<name of the FASTA>.store` beside it. It is made where it is
    not there, and made again where the FASTA has changed since.

    Args:
        path: a store's folder, or a FASTA (plain, gzip or bgzip).

    Raises:
        StoreError: there is nothing at `path`, or a folder that is no store.
        FastaError: a file that cannot be read as a FASTA.
        InputError: the store cannot be written beside the FASTA.
    """
    path = Path(path)
    if not path.is_file():
        return GenomeStore.open(path)
    store = path.with_name(f"{path.name}.store")
    if not store.exists():
        say(f"making a store of {path}: {store}")
    try:
        return GenomeStore.open_or_build(path, store)
    except PermissionError as error:
        raise InputError(
            f"{store} cannot be written ({error.strerror}): copy or link {path} to where you can "
            "write, or give the folder of a store"
        ) from error
