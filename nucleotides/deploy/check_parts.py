"""Whether readers will take what is to be deployed: it is opened as they open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from nucleotides.bundle import read_bundle, read_weights
from nucleotides.deploy.collect import MODEL
from nucleotides.errors import UntrustedCodeError
from nucleotides.genome import GenomeStore
from nucleotides.predict.effects.effects_store import EffectsStore

_KINDS: dict[str, Callable[[Path], object]] = {
    ".store": GenomeStore.open,
    ".effects": EffectsStore.open,
}
"""How a folder is opened, by the ending of its place."""


def check_parts(parts: Mapping[str, Path]) -> None:
    """Open every part of a deployment; checksums of stores are left to `collect`.

    A model of a class that is not of this package is opened without its network, as no code is run:
    its files, tasks and weights.

    Args:
        parts: {place in the version, as in TOP_DIR: file or folder here}.

    Raises:
        StoreError, CorruptStoreError: a part is not of its kind, or no reader would take it: files
            that a bundle's manifest does not list, links, weights that are no numbers.
    """
    for place, path in parts.items():
        if place == MODEL:
            _open_model(path)
        elif opened := _KINDS.get(Path(place).suffix):
            opened(path)


def _open_model(path: Path) -> None:
    try:
        read_bundle(path)
    except UntrustedCodeError:
        read_weights(path)
