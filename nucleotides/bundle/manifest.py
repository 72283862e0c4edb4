"""The manifest of a bundle: what the model is, and the checksum of every file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nucleotides.bundle.layout import FORMAT, KNOWN, MANIFEST, MINOR, MOST_BYTES, VERSION, WHOLE
from nucleotides.errors import CorruptStoreError, InputError, StoreError
from nucleotides.files import find_stranger
from nucleotides.read_json import decode_json
from nucleotides.read_whole import read_whole

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LARGEST = 1 << 30
_MADE_BY = "`nucleotides export` or `nucleotides post-process`"


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the bundle in a folder.

    Raises:
        StoreError: there is no bundle, or it is of a format that this version does not read.
        CorruptStoreError: its manifest is damaged.
    """
    return read_whole(folder, lambda: _read_manifest(folder))


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file() or path.is_symlink():
        raise StoreError(f"no {FORMAT} at {folder}: make one with {_MADE_BY}")
    with path.open("rb") as file:
        return decode_manifest(file.read(MOST_BYTES[MANIFEST] + 1), str(path))


def decode_manifest(value: bytes, where: str) -> dict[str, Any]:
    """A manifest from its bytes, which may come from anyone; what is not said of them is wrong.

    Args:
        value: JSON.
        where: what to call it in messages.

    Returns:
        model_class, model (its arguments), sequence_length, bin, threshold, average_strands,
        sha256 {file: checksum}, package; since 1.1 minor, licence, bytes {file: size}.

    Raises:
        StoreError: it is of another format or major version.
        CorruptStoreError: it is no JSON, larger than a manifest can be, or not of its form.
    """
    facts = decode_json(value, where, MOST_BYTES[MANIFEST])
    _check_version(facts, where)
    facts.setdefault("minor", 0)
    if not _is_sound(facts):
        raise CorruptStoreError(f"{where} is damaged: not the manifest of a bundle")
    for name, checksum in facts["sha256"].items():
        if not (_NAME.fullmatch(name) and name != MANIFEST):
            raise CorruptStoreError(f"{where} is not that of a bundle: no file can be {name!r}")
        if not (isinstance(checksum, str) and _SHA256.fullmatch(checksum)):
            raise CorruptStoreError(f"{where} is damaged: the checksum of {name} is none")
        if name not in KNOWN and facts["minor"] <= MINOR:
            raise CorruptStoreError(f"{where} is not that of a bundle: it lists {name}")
    if missing := [name for name in WHOLE if name not in facts["sha256"]]:
        raise CorruptStoreError(f"{where} is not that of a bundle: it lists no {missing[0]}")
    return facts


def _check_version(facts: dict[str, Any], where: str) -> None:
    if facts.get("format") != FORMAT:
        raise StoreError(f"{where} is of {facts.get('format')!r}, not of a {FORMAT!r}")
    version = facts.get("version")
    if version != VERSION or isinstance(version, bool):
        newer = isinstance(version, int) and version > VERSION
        what = (
            "update nucleotides (pip install -U nucleotides)" if newer else "export the model again"
        )
        raise StoreError(
            f"{where} is of version {version!r} of the bundle's format, this nucleotides reads "
            f"version {VERSION}: {what}"
        )


def _is_sound(facts: dict[str, Any]) -> bool:
    sizes = facts.get("bytes", {})
    return (
        all(_is_count(facts.get(name)) for name in ("sequence_length", "bin"))
        and _is_count(facts["minor"], 0)
        and isinstance(facts.get("model_class"), str)
        and isinstance(facts.get("average_strands"), bool)
        and _is_part(facts.get("threshold"))
        and isinstance(facts.get("licence"), str | None)
        and isinstance(facts.get("sha256"), dict)
        and isinstance(sizes, dict)
        and all(_is_count(size, 0, 1 << 62) for size in sizes.values())
        and isinstance(facts.get("model"), dict)
        and all(map(_is_plain, facts["model"].values()))
    )


def _is_count(value: Any, least: int = 1, most: int = _LARGEST) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_part(value: Any) -> bool:
    """Whether it is a share of a whole; NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_plain(value: Any) -> bool:
    """Whether it can be an argument of a model: a number, a word, or a list of such."""
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def check_replaceable(folder: Path) -> None:
    """Refuse to write a bundle in the place of anything but an empty folder or another bundle.

    A bundle may lack files; it holds none that its manifest does not list, as these would go too.

    Raises:
        InputError: there is a file, another folder, or a bundle with files that are not its own.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        listed = {MANIFEST, *read_manifest(folder)["sha256"]}
    except StoreError as error:
        raise InputError(
            f"{folder} is there, and is no bundle: give another --out ({error})"
        ) from None
    if path := find_stranger(folder, listed):
        raise InputError(
            f"{path} is not of the bundle that is there, and would be lost with it: move it away, "
            "or give another --out"
        )
