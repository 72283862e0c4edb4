"""The lock file: all that a target store was made from, in one JSON beside it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nucleotides import __version__
from nucleotides.errors import CorruptStoreError, InputError
from nucleotides.files import write_json
from nucleotides.preprocess.recipe import Recipe
from nucleotides.read_json import read_json
from nucleotides.targets.store import DEFAULT_BIN, DEFAULT_THRESHOLD

_FORMAT, _VERSION = "nucleotides lock", 1


@dataclass(frozen=True, slots=True)
class Labels:
    """The label rule, and what was done with peaks on contigs that the reference lacks."""

    bin: int = DEFAULT_BIN
    threshold: float = DEFAULT_THRESHOLD
    unknown_contigs: str = "skip"


@dataclass(frozen=True, slots=True)
class Lock:
    """What a store was made from, and what it was.

    Attributes:
        package: version of this package.
        assembly: name of the assembly.
        reference: name, url, sha256, md5 of the reference FASTA, as far as known.
        blacklist: the same of the blacklist, or None.
        metadata: url, time, sha256, rows of each metadata table.
        policy, policy_sha256: the selection policy; empty if nothing was selected.
        labels: the label rule.
        split: held-out regions, as given.
        recipe: tasks and files.
        store: {file of the store: SHA-256}.
        missing: {file that could not be fetched, and that the store is without: reason}.
    """

    package: str
    assembly: str
    reference: dict[str, Any]
    blacklist: dict[str, Any] | None
    metadata: list[dict[str, Any]]
    policy: dict[str, Any]
    policy_sha256: str
    labels: Labels
    split: dict[str, str]
    recipe: Recipe
    store: dict[str, str]
    missing: dict[str, str] = field(default_factory=dict)


def write_lock(path: Path, lock: Lock) -> None:
    """Write a lock file, atomically."""
    names = ("package", "assembly", "reference", "blacklist", "metadata", "policy")
    content = {"format": _FORMAT, "version": _VERSION}
    content |= {name: getattr(lock, name) for name in (*names, "policy_sha256")}
    content |= {"labels": asdict(lock.labels), "split": lock.split, "store": lock.store}
    content |= {"missing": lock.missing} if lock.missing else {}
    content |= lock.recipe.as_json()
    write_json(path, content | {"sha256": _digest(content)})


def _digest(content: dict[str, Any]) -> str:
    """SHA-256 of a lock's content, by which a change of it is seen."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_lock(path: Path) -> Lock:
    """Read a lock file.

    Raises:
        InputError: there is none, it is not one of this version, or it was changed or cut.
    """
    try:
        content = read_json(path)
        known = content.get("format") == _FORMAT
    except OSError as error:
        raise InputError(f"no lock file at {path}: {error.strerror}") from error
    except CorruptStoreError:
        known = False
    if not known:
        raise InputError(
            f"{path} is no lock file: give a lock.json that `nucleotides pre-process` wrote"
        )
    if content.get("version") != _VERSION:
        raise InputError(
            f"{path} is a lock file of version {content.get('version')}; "
            f"nucleotides {__version__} reads version {_VERSION}"
        )
    if content.pop("sha256", None) != _digest(content):
        raise InputError(
            f"{path} is no longer what was written: it was changed or cut, take a copy that was not"
        )
    try:
        names = ("package", "assembly", "reference", "blacklist", "metadata", "policy")
        parts = {name: content[name] for name in (*names, "policy_sha256", "split", "store")}
        return Lock(
            labels=Labels(**content["labels"]),
            recipe=Recipe.from_json(content),
            missing=content.get("missing", {}),
            **parts,
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"{path} lacks something that a lock file has: {error}") from error
