"""A model that lies elsewhere: deployed, or a bundle in a store."""

from __future__ import annotations

from pathlib import Path

from nucleotides.bundle.bundle import FORMAT
from nucleotides.deployed import fetch_deployed
from nucleotides.deployed.manifest import LATEST, digest
from nucleotides.errors import CorruptStoreError, StoreError
from nucleotides.files import replacing, sha256
from nucleotides.hold import in_turn
from nucleotides.storage import Storage, as_url, open_storage

MODEL = "model"
"""Where a deployed version has its bundle."""

_BUNDLE_MANIFEST = "manifest.json"


def is_elsewhere(path: str | Path) -> bool:
    """Whether `path` is an address, a folder with deployed versions, or a part of such."""
    if as_url(path):
        return True
    path = Path(path)
    return (path / LATEST).is_file() or (not path.exists() and (path.parent / LATEST).is_file())


def fetch_model(address: str | Path, cache: Path, endpoint: str | None = None) -> Path:
    """A verified local copy of a model's bundle.

    Args:
        address: of deployed versions (their latest is meant), of a part of them
            (`s3://bucket/deployed/model`), or of a bundle.
        cache: where copies are kept.
        endpoint: of an S3 store that is not Amazon's.

    Raises:
        StoreError: there is no model.
        CorruptStoreError: a file of it is missing or damaged; the message names it.
        DownloadError, SettingsError: the store could not be read.
    """
    storage = open_storage(address, endpoint=endpoint)
    if storage.get(LATEST) is not None:
        return fetch_deployed(storage, cache, parts=(MODEL,)) / MODEL
    manifest = storage.get(_BUNDLE_MANIFEST)
    if manifest is not None:
        return _fetch_bundle(storage, manifest, cache)
    parent, _, part = storage.url.rstrip("/").rpartition("/")
    if parent and not parent.endswith(("/", ":")):
        above = open_storage(parent, endpoint=endpoint)
        if above.get(LATEST) is not None:
            return fetch_deployed(above, cache, parts=(part,)) / part
    raise StoreError(f"there is no model at {storage.url}: neither deployed versions nor a bundle")


def _fetch_bundle(storage: Storage, manifest: bytes, cache: Path) -> Path:
    """A bundle as it lies in a store, file by file."""
    import json

    try:
        facts = json.loads(manifest)
        names: dict[str, str] = dict(facts["sha256"]) if facts["format"] == FORMAT else {}
    except (ValueError, KeyError, TypeError):
        names = {}
    if not names or any(Path(name).name != name for name in names):
        raise CorruptStoreError(f"{storage.url}/{_BUNDLE_MANIFEST} is not that of a bundle")
    copy = cache / "bundles" / digest(manifest)
    with in_turn(cache / "bundles"):
        if _is_whole(copy, names):
            return copy
        with replacing(copy) as folder:
            folder.mkdir()
            for name, expected in names.items():
                (folder / name).write_bytes(_get(storage, name, expected))
            (folder / _BUNDLE_MANIFEST).write_bytes(manifest)
    return copy


def _is_whole(copy: Path, names: dict[str, str]) -> bool:
    return all(
        (copy / name).is_file() and sha256(copy / name) == expected
        for name, expected in names.items()
    )


def _get(storage: Storage, name: str, expected: str) -> bytes:
    value = storage.get(name)
    if value is None:
        raise CorruptStoreError(f"{storage.url}: {name} is missing")
    if digest(value) != expected:
        raise CorruptStoreError(f"{storage.url}/{name} is not what was written (checksum)")
    return value
