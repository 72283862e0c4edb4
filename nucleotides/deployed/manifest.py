"""The manifest of a version: its files, cut into pieces, each known by its checksum."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nucleotides.deployed.check_paths import check_paths
from nucleotides.errors import CorruptStoreError, InputError
from nucleotides.read_json import decode_json

FORMAT, VERSION = "nucleotides deployment", 1
LATEST, VERSIONS, OBJECTS = "latest.json", "versions", "objects"
FOLDERS = (VERSIONS, OBJECTS)
MOST_BYTES = {"pointer": 64 << 10, "manifest": 256 << 20}
"""Largest pointer, and largest manifest: a model and a reference of 20 TB fit."""

_MOST_VALUES = MOST_BYTES["manifest"] // 64  # a piece is known by 64 digits

PIECE = 8 << 20
"""Bytes of a piece: one request, tried again as one, sent once however many files have it."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def digest(value: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(value).hexdigest()


def object_key(sha256: str) -> str:
    """Where a value is kept by what is in it."""
    return f"{OBJECTS}/{sha256}"


def version_key(name: str) -> str:
    """Where a version's pointer is kept.

    Raises:
        InputError: no name that a version can have.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"'{name}' cannot name a version: letters, digits, '.', '_', '-', up to 100 of them, "
            "the first a letter or digit"
        )
    return f"{VERSIONS}/{name}.json"


@dataclass(frozen=True)
class File:
    """A file of a version.

    Attributes:
        path: in the version's folder, with `/`.
        size: bytes.
        pieces: SHA-256 of every PIECE bytes, the last piece may be shorter.
    """

    path: str
    size: int
    pieces: tuple[str, ...]

    def piece_size(self, index: int) -> int:
        """Bytes of a piece."""
        return min(PIECE, self.size - index * PIECE)

    @property
    def digest(self) -> str:
        """What the file is known by: the SHA-256 of its size and its pieces'."""
        return digest("\n".join([str(self.size), *self.pieces]).encode())


@dataclass(frozen=True)
class Manifest:
    """All of a version.

    Attributes:
        name: of the version.
        time: when it was made, UTC, ISO 8601.
        package: version of nucleotides that made it.
        files: by path.
    """

    name: str
    time: str
    package: str
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def contents(self) -> dict[str, str]:
        """What each file is known by: two versions with the same contents are alike."""
        return {file.path: file.digest for file in self.files}

    def encode(self) -> bytes:
        """As it is stored."""
        content = {"format": FORMAT, "version": VERSION, "piece": PIECE, **asdict(self)}
        return json.dumps(content, indent=1).encode()

    @classmethod
    def decode(cls, value: bytes, where: str) -> Manifest:
        """From its stored bytes.

        Raises:
            CorruptStoreError: it is no manifest, or one of another version, or its files cannot
                lie in a folder of the version's own (`check_paths`).
        """
        content = _decode(value, where)
        try:
            if content["piece"] != PIECE:
                raise ValueError
            files = tuple(_file(one) for one in content["files"])
            check_paths([file.path for file in files])
            name, time, package = (content[key] for key in ("name", "time", "package"))
            if not all(isinstance(one, str) and one.isprintable() for one in (name, time, package)):
                raise ValueError
            return cls(name, time, package, files)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CorruptStoreError(f"{where} is damaged: not a manifest") from None


@dataclass(frozen=True)
class Pointer:
    """Which manifest a version has: the content of latest.json and of versions/NAME.json."""

    name: str
    manifest: str

    def encode(self) -> bytes:
        """As it is stored."""
        content = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return (json.dumps(content, indent=1) + "\n").encode()

    @classmethod
    def decode(cls, value: bytes, where: str) -> Pointer:
        """From its stored bytes.

        Raises:
            CorruptStoreError: it is no pointer, or one of another version.
        """
        content = _decode(value, where)
        name, manifest = content.get("name"), content.get("manifest")
        if not (
            isinstance(name, str)
            and isinstance(manifest, str)
            and _NAME.fullmatch(name)
            and _SHA256.fullmatch(manifest)
        ):
            raise CorruptStoreError(f"{where} is damaged: it names no version")
        return cls(name, manifest)


def _decode(value: bytes, where: str) -> dict[str, Any]:
    """The object of a pointer or manifest.

    Raises:
        CorruptStoreError: none of this format and version, or as `decode_json`.
    """
    content = decode_json(value, where, MOST_BYTES["manifest"], _MOST_VALUES)
    if (content.get("format"), content.get("version")) != (FORMAT, VERSION):
        raise CorruptStoreError(
            f"{where} is of format {content.get('format')!r} version {content.get('version')!r}, "
            f"not {FORMAT!r} version {VERSION}"
        )
    return content


def _file(fields: dict[str, Any]) -> File:
    file = File(str(fields["path"]), int(fields["size"]), tuple(map(str, fields["pieces"])))
    whole = file.size >= 0 and len(file.pieces) == -(-file.size // PIECE)
    if not (whole and all(map(_SHA256.fullmatch, file.pieces))):
        raise ValueError
    return file


def cut_file(path: Path, name: str) -> File:
    """A file of this machine as a version's file called `name`."""
    pieces, size = [], 0
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            pieces.append(digest(piece))
            size += len(piece)
    return File(name, size, tuple(pieces))
