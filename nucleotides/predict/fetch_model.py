"""A model that lies elsewhere: deployed, or a bundle in a store."""

from __future__ import annotations

from pathlib import Path

from nucleotides.bundle.layout import MANIFEST, MOST_BYTES, ONNX
from nucleotides.bundle.manifest import decode_manifest
from nucleotides.deployed import fetch_deployed, fetch_known
from nucleotides.deployed.manifest import LATEST, digest
from nucleotides.deployed.manifest import MOST_BYTES as MOST
from nucleotides.deployed.tell_cache import cache_told
from nucleotides.errors import CorruptStoreError, DownloadError, StoreError
from nucleotides.files import replacing, sha256
from nucleotides.hold import in_turn
from nucleotides.storage import Storage, as_url, open_storage

MODEL = "model"
"""Where a deployed version has its bundle."""


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
        DownloadError, SettingsError: the store could not be read; a deployed model that was read
            before is used all the same.
    """
    storage = open_storage(address, endpoint=endpoint)
    above = _above(storage.url)
    places = [(storage, MODEL)]
    places += [(open_storage(above[0], endpoint=endpoint), above[1])] if above else []
    try:
        for place, part in places:
            if place.get(LATEST, MOST["pointer"]) is not None:
                without = (f"{part}/{ONNX}",)
                copy = fetch_deployed(
                    place, cache, parts=(part,), without=without, endpoint=endpoint
                )
                return copy / part
            manifest = storage.get(MANIFEST, MOST_BYTES[MANIFEST]) if place is storage else None
            if manifest is not None:
                with cache_told(cache):
                    return _fetch_bundle(storage, manifest, cache)
    except DownloadError as error:
        if known := _fetch_known(places, cache, endpoint, error):
            return known
        raise
    raise StoreError(f"there is no model at {storage.url}: neither deployed versions nor a bundle")


def _fetch_known(
    places: list[tuple[Storage, str]], cache: Path, endpoint: str | None, why: DownloadError
) -> Path | None:
    for place, part in places:
        without = (f"{part}/{ONNX}",)
        copy = fetch_known(place, cache, parts=(part,), without=without, endpoint=endpoint, why=why)
        if copy is not None:
            return copy / part
    return None


def _above(url: str) -> tuple[str, str] | None:
    """The address above, and the last name; None above a bucket."""
    parent, _, part = url.rstrip("/").rpartition("/")
    return (parent, part) if parent and not parent.endswith(("/", ":")) else None


def _fetch_bundle(storage: Storage, manifest: bytes, cache: Path) -> Path:
    """A bundle as it lies in a store, file by file."""
    facts = decode_manifest(manifest, f"{storage.url}/{MANIFEST}")
    names = {name: wanted for name, wanted in facts["sha256"].items() if name != ONNX}
    sizes: dict[str, int] = {**MOST_BYTES, **facts.get("bytes", {})}
    copy = cache / "bundles" / digest(manifest)
    with in_turn(cache / "bundles"):
        if _is_whole(copy, names, manifest):
            return copy
        with replacing(copy) as folder:
            folder.mkdir()
            for name, expected in names.items():
                (folder / name).write_bytes(_get(storage, name, expected, sizes.get(name)))
            (folder / MANIFEST).write_bytes(manifest)
    return copy


def _is_whole(copy: Path, names: dict[str, str], manifest: bytes) -> bool:
    expected = {**names, MANIFEST: digest(manifest)}
    found = {path.name for path in copy.iterdir()} if copy.is_dir() else set()
    return found == expected.keys() and all(
        (copy / name).is_file() and sha256(copy / name) == wanted
        for name, wanted in expected.items()
    )


def _get(storage: Storage, name: str, expected: str, most: int | None) -> bytes:
    value = storage.get(name, most)
    if value is None:
        raise CorruptStoreError(f"{storage.url}: {name} is missing")
    if digest(value) != expected:
        raise CorruptStoreError(f"{storage.url}/{name} is not what was written (checksum)")
    return value
