"""The lock file: all that a target store was made from, in one JSON beside it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nucleotides import __version__
from nucleotides.errors import InputError
from nucleotides.files import write_json
from nucleotides.preprocess.recipe import Recipe
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


def write_lock(path: Path, lock: Lock) -> None:
    """Write a lock file, atomically."""
    names = ("package", "assembly", "reference", "blacklist", "metadata", "policy")
    content = {"format": _FORMAT, "version": _VERSION}
    content |= {name: getattr(lock, name) for name in (*names, "policy_sha256")}
    content |= {"labels": asdict(lock.labels), "split": lock.split, "store": lock.store}
    write_json(path, content | lock.recipe.as_json())


def read_lock(path: Path) -> Lock:
    """Read a lock file.

    Raises:
        InputError: there is none, or it is not one of this version.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if (content["format"], content["version"]) != (_FORMAT, _VERSION):
            raise KeyError("format")
        names = ("package", "assembly", "reference", "blacklist", "metadata", "policy")
        known = {name: content[name] for name in (*names, "policy_sha256", "split", "store")}
        return Lock(labels=Labels(**content["labels"]), recipe=Recipe.from_json(content), **known)
    except OSError as error:
        raise InputError(f"no lock file at {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is no lock file of version {_VERSION} ({error!r}): give a lock.json that "
            f"`nucleotides pre-process` wrote (this is {__version__})"
        ) from error
