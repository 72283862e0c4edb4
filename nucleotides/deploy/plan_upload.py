"""What an upload has to send: the pieces that the store has not got."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from nucleotides import __version__
from nucleotides.deploy.collect import Source
from nucleotides.deployed.manifest import OBJECTS, Manifest, Pointer, object_key
from nucleotides.deployed.read_version import (
    find_latest,
    find_pointer,
    list_names,
    read_manifest,
)
from nucleotides.errors import CorruptStoreError
from nucleotides.storage import Storage

_COMPARED = 5  # versions that are looked at for the very same files


@dataclass(frozen=True)
class Plan:
    """What an upload is about to do.

    Attributes:
        manifest: of the version.
        jobs: (source, number of the piece) of everything that the store has not got.
        replaces: whether a version of this name, with other files, is there.
        is_latest: whether it is the latest already, with these very files.
    """

    manifest: Manifest
    jobs: tuple[tuple[Source, int], ...]
    replaces: bool
    is_latest: bool

    @property
    def n_bytes(self) -> int:
        """To be sent."""
        return sum(source.file.piece_size(index) for source, index in self.jobs)


def plan_upload(
    storage: Storage, sources: Sequence[Source], name: str | None = None, *, repair: bool = False
) -> Plan:
    """Find out what the store has not got; change nothing.

    Args:
        storage: where to.
        sources: the version's files.
        name: of the version; else date and time, or that of a version with the very same files.
        repair: whether every piece is sent, also what seems to be there.

    Raises:
        InputError: a name that no version can have.
        CorruptStoreError: `latest.json` is damaged: roll back to mend it.
    """
    files = tuple(source.file for source in sources)
    jobs = missing_pieces(storage, sources, all_of_them=repair)
    latest = find_latest(storage)
    names = [name] if name else _newest_first(storage, latest)
    same = _find_alike(storage, names[:_COMPARED], {file.path: file.digest for file in files})
    if same:
        pointer, manifest = same
        return Plan(manifest, jobs, False, pointer == latest)
    now = datetime.now(UTC)
    name = name or _free_name(f"{now:%Y-%m-%dT%H-%M-%SZ}", names)
    manifest = Manifest(name, f"{now:%Y-%m-%dT%H:%M:%SZ}", __version__, files)
    return Plan(manifest, jobs, find_pointer(storage, name) is not None, False)


def _newest_first(storage: Storage, latest: Pointer | None) -> list[str]:
    """Names of versions, in the order in which they are compared."""
    names = sorted(list_names(storage), reverse=True)
    return [latest.name, *(one for one in names if one != latest.name)] if latest else names


def _find_alike(
    storage: Storage, names: Sequence[str], contents: dict[str, str]
) -> tuple[Pointer, Manifest] | None:
    """A version with these very files; one that is damaged is none."""
    for name in names:
        with suppress(CorruptStoreError):
            pointer = find_pointer(storage, name)
            manifest = read_manifest(storage, pointer) if pointer else None
            if pointer and manifest and manifest.contents() == contents:
                return pointer, manifest
    return None


def _free_name(name: str, taken: Sequence[str]) -> str:
    names = (name if i == 1 else f"{name}-{i}" for i in itertools.count(1))
    return next(one for one in names if one not in taken)


def missing_pieces(
    storage: Storage, sources: Sequence[Source], *, all_of_them: bool = False
) -> tuple[tuple[Source, int], ...]:
    """(source, number of the piece) of what the store has not got in full, each piece once.

    Args:
        storage: where they are to be.
        sources: whose pieces.
        all_of_them: whether what is there counts as missing.
    """
    there = {} if all_of_them else storage.list(OBJECTS)
    wanted: dict[str, tuple[Source, int]] = {}
    for source in sources:
        for index, piece in enumerate(source.file.pieces):
            found = there.get(object_key(piece))
            if found is None or found.size != source.file.piece_size(index):
                wanted.setdefault(piece, (source, index))
    return tuple(wanted.values())
