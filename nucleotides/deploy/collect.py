"""What a deployment is made of: files of this machine, and their places in a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nucleotides.deployed.manifest import File, cut_file
from nucleotides.errors import CorruptStoreError, InputError, StoreError
from nucleotides.files import sha256
from nucleotides.progress import track
from nucleotides.read_json import read_json

MODEL, BUNDLE = "model", "nucleotides model bundle"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Source:
    """A file that is deployed: where it lies here, and what it is there."""

    path: Path
    file: File


def collect(parts: Mapping[str, Path]) -> list[Source]:
    """Every file of the parts of a deployment, with the checksums of its pieces.

    Args:
        parts: {place in the version, as in TOP_DIR: file or folder here}; the bundle is `model`.

    Raises:
        StoreError: a part is not there, or the model is no bundle.
        CorruptStoreError: a file is not what was written, by the checksums of its own manifest.
        InputError: two parts have one place, or a folder holds what its manifest does not list.
    """
    found: dict[str, Path] = {}
    for place, path in parts.items():
        for name, one in _files(place, path):
            if name in found:
                raise InputError(f"{one} and {found[name]} would both be {name}")
            found[name] = one
    return [
        Source(path, cut_file(path, name))
        for name, path in track(sorted(found.items()), "checksums of files")
    ]


def _files(place: str, path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_file():
        yield place, path
        return
    if not path.is_dir():
        raise StoreError(f"there is no {path} to upload as {place}")
    listed = {MANIFEST, *_check_store(place, path)}
    for one in sorted(path.iterdir()):
        if one.name.startswith("."):
            continue
        if one.name not in listed:
            raise InputError(
                f"{one} is not of what is to be sent, as {path / MANIFEST} does not list it: "
                "move it away"
            )
        yield f"{place}/{one.name}", one


def _check_store(place: str, folder: Path) -> dict[str, str]:
    """The checksums of a store's files, which it has; it may be damaged for no reader.

    Raises:
        StoreError, CorruptStoreError.
    """
    path = folder / MANIFEST
    try:
        manifest = read_json(path)
        kind, version = str(manifest["format"]), int(manifest["version"])
        tables = (manifest.get(name) for name in ("sha256", "files"))
        checksums: dict[str, str] = next((one for one in tables if isinstance(one, dict)), {})
    except FileNotFoundError:
        raise StoreError(f"{folder} is not whole: it has no manifest.json") from None
    except (ValueError, KeyError, TypeError):
        raise CorruptStoreError(f"{path} is damaged") from None
    if place == MODEL and kind != BUNDLE:
        raise StoreError(f"{folder} holds {kind!r} version {version}, not a {BUNDLE!r}")
    for name, expected in checksums.items():
        if Path(name).name != name:
            raise CorruptStoreError(f"{path} is damaged: no file of it can be {name!r}")
        if not (folder / name).is_file():
            raise CorruptStoreError(f"{folder / name} is missing")
        if sha256(folder / name) != expected:
            raise CorruptStoreError(f"{folder / name} is not what was written (checksum)")
    return checksums
